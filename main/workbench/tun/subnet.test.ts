import { expect, test } from 'vitest';
import { readEnds } from './subnet.ts';

test.each([
  ['10.9.0.2/24', '10.9.0.2', '10.9.0.1', 24],
  ['10.9.0.1/24', '10.9.0.1', '10.9.0.2', 24],
  ['10.9.7.200/16', '10.9.7.200', '10.9.0.1', 16],
  ['10.9.0.130/26', '10.9.0.130', '10.9.0.129', 26],
  ['10.9.0.5/30', '10.9.0.5', '10.9.0.6', 30],
  ['10.9.0.4/31', '10.9.0.4', '10.9.0.5', 31],
  ['10.9.0.5/31', '10.9.0.5', '10.9.0.4', 31],
  ['10.9.0.2/32', '10.9.0.2', undefined, 32],
  ['fd09::2/64', 'fd09::2', 'fd09::1', 64],
  ['fd09::1/64', 'fd09::1', 'fd09::2', 64],
  ['fd09::ffff:ffff:ffff:ffff/64', 'fd09::ffff:ffff:ffff:ffff', 'fd09::1', 64], // IPv6 has no broadcast
  ['fd09::8/127', 'fd09::8', 'fd09::9', 127],
  ['fd09::8/128', 'fd09::8', undefined, 128],
] as const)('%s: the engine is %s, the kernel %s', (cidr, engine, kernel, prefixLength) => {
  expect(readEnds(cidr)).toEqual({ ok: true, value: { engine, kernel, prefixLength } });
});

test.each([
  ['10.9.0.2', 'no address with prefix length'],
  ['10.9.0.2/', 'no address with prefix length'],
  ['10.9.0/24', 'no address with prefix length'],
  ['10.9.0.2/24/8', 'no address with prefix length'],
  ['10.9.0.2/0x18', 'no address with prefix length'],
  ['10.9.0.2/33', 'not from 1 to 32'],
  ['10.9.0.2/0', 'not from 1 to 32'],
  ['fd09::2/129', 'not from 1 to 128'],
  ['10.9.0.0/24', 'name of the subnet'],
  ['10.9.0.255/24', 'broadcast address'],
  ['fd09::/64', 'name of the subnet'],
])('%s is refused: %s', (cidr, why) => {
  const read = readEnds(cidr);
  expect(read.ok ? 'taken' : read.error).toContain(why);
});
