import { expect, test } from 'vitest';
import { Engine } from '../engine.ts';
import { Calls } from '../testing/calls.ts';
import { Lab, octets } from '../testing/lab.ts';

test.each([
  [0xb8, 0xb8],
  [0xbb, 0xb8], // the two bits of ECN are TCP's own
])('IP_TOS %i of a TCP socket goes into the IPv4 header as %i', (asked, sent) => {
  const lab = new Lab();
  const { c } = lab.connected();
  const seen: number[] = [];
  lab.cable.watch(({ segment, trafficClass = 0 }, from) => {
    if (segment && from === lab.client) seen.push(trafficClass);
  });
  lab.value<void>((done) => lab.a.setsockopt(c, 'IP_TOS', asked, done));
  lab.value<number>((done) => lab.a.send(c, octets('hello'), [], done));
  expect([seen, lab.value((done) => lab.a.getsockopt(c, 'IP_TOS', done))]).toEqual([[sent], sent]);
});

test('IPV6_TCLASS goes into the IPv6 header and IP_TOS into the IPv4 header, from one and the same socket', () => {
  const engine = new Engine({ seed: 1 });
  const host = engine.host({ name: 'host', addresses: ['10.0.0.1/24', 'fd00::1/64'] });
  const other = engine.host({ name: 'other', addresses: ['10.0.0.2/24', 'fd00::2/64'] });
  const seen: (number | undefined)[] = [];
  engine.cable(host, other).watch(({ datagram, trafficClass }) => {
    if (datagram) seen.push(trafficClass);
  });
  const calls = new Calls(engine);
  const program = host.process('program');
  const fd = calls.value<number>((done) => program.socket('AF_INET6', 'SOCK_DGRAM', done));
  calls.value<void>((done) => program.setsockopt(fd, 'IPV6_TCLASS', 0x28, done));
  calls.value<void>((done) => program.setsockopt(fd, 'IP_TOS', 0x48, done));
  for (const address of ['fd00::2', '::ffff:10.0.0.2'])
    calls.value<number>((done) => program.sendto(fd, octets('x'), [], { address, port: 9 }, done));
  expect(seen).toEqual([0x28, 0x48]);
});
