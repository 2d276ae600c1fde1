import { expect, test } from 'vitest';
import { ip } from '../wire/ip-address.ts';
import { sipHash } from './siphash.ts';
import { fastOpenCookie, keysInSysctl } from './tcp/fast-open.ts';

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);
const KEY = [0x0706050403020100n, 0x0f0e0d0c0b0a0908n] as const;

test('SipHash-2-4 gives what its paper and its reference vectors give', () => {
  expect(sipHash(KEY, counting(15))).toBe(0xa129ca6149be45e5n);
  expect(sipHash(KEY, counting(0))).toBe(0x726fdb47dd0e0e31n);
  expect(sipHash(KEY, counting(8))).toBe(0x93f5f5799a932462n);
});

test('a fast-open cookie is the one Linux makes of the same key and addresses', () => {
  const [key] = keysInSysctl('a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4');
  const made = (remote: string, local: string) =>
    Buffer.from(fastOpenCookie(key!, { remoteAddress: ip(remote), localAddress: ip(local) })).toString('hex');
  expect(made('192.0.2.1', '192.168.0.1')).toBe('3021b9d889017eeb');
  expect(made('fd3d:fa7b:d17d::1', 'fd3d:a0b:17d6::1')).toBe('c1d1e9742a47a9bc');
});
