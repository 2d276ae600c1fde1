import { expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Lab, octets } from '../testing/lab.ts';

const SYN = 0x02;

test('connect gives up after tcp_syn_retries SYNs, each wait twice as long: 1, 2, 4, ... seconds', () => {
  const lab = new Lab({ cable: { loss: 1 }, clientSysctls: { 'net.ipv4.tcp_syn_retries': 3, 'net.ipv4.tcp_syn_linear_timeouts': 0 } });
  const { outcome } = lab.connecting();
  lab.settle();
  expect(lab.errno(outcome)).toBe('ETIMEDOUT');
  expect(outcome.at).toBe(15_000);
  expect(lab.sentAt('client').map((s) => s.at)).toEqual([0, 1000, 3000, 7000]);
  expect(lab.sentAt('client').every((s) => s.flags === SYN)).toBe(true);
});

test('unacknowledged data is sent again after the RTO, which doubles', () => {
  const lab = new Lab({ clientSysctls: { 'net.ipv4.tcp_early_retrans': 0 } });
  const { c } = lab.connected();
  lab.forget();
  const began = lab.engine.now / 1e6;
  lab.cable.set({ loss: 1 });
  lab.call<number>((done) => lab.a.send(c, octets('lost'), [], done));
  lab.run(3500);
  // Round trip 10 ms, variance floor 200 ms: 210, then twice that each time.
  expect(lab.sentAt('client').map((s) => Math.round(s.at - began))).toEqual([0, 210, 630, 1470, 3150]);
  expect(lab.client.counters.get('RetransSegs')).toBe(4);
});

test('three duplicate ACKs bring a fast retransmission long before the timeout', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  let number = 0;
  lab.cable.set({ intercept: (p, from) => (from === 'client' && p.segment.payload.length > 0 && ++number === 2 ? 'drop' : 'pass') });
  lab.forget();
  lab.call<number>((done) => lab.a.send(c, new Uint8Array(10 * 1448), [], done));
  lab.run(60);
  const causes = lab.events.flatMap((e) => (e.kind === 'segment-sent' && e.host === 'client' ? [e.cause] : []));
  expect(causes.filter((cause) => cause === 'fast-retransmission')).toHaveLength(1);
  expect(causes).not.toContain('retransmission');
  expect(lab.value<Uint8Array>((done) => lab.b.recv(s, 20_000, [], done)).length).toBe(14_480);
});

test('without SACK, duplicate ACKs are counted and do the same', () => {
  const lab = new Lab({ clientSysctls: { 'net.ipv4.tcp_sack': 0 } });
  const { c, s } = lab.connected();
  let number = 0;
  lab.cable.set({ intercept: (p, from) => (from === 'client' && p.segment.payload.length > 0 && ++number === 2 ? 'drop' : 'pass') });
  lab.call<number>((done) => lab.a.send(c, new Uint8Array(10 * 1448), [], done));
  lab.run(60);
  expect(lab.client.counters.get('TCPRenoRecovery')).toBe(1);
  expect(lab.client.counters.get('TCPTimeouts')).toBe(0);
  expect(lab.value<Uint8Array>((done) => lab.b.recv(s, 20_000, [], done)).length).toBe(14_480);
});

test('slow start doubles the window each round trip', () => {
  const lab = new Lab({ cable: { delay: ms(50) } });
  const { c, s } = lab.connected();
  lab.value<void>((done) => lab.b.setsockopt(s, 'SO_RCVBUF', 212_992, done));
  const drain = (): void => lab.b.recv(s, 65_536, [], drain);
  drain();
  lab.forget();
  const feed = (): void => lab.a.send(c, new Uint8Array(20_000), [], feed);
  feed();
  lab.run(290);
  const start = lab.sentAt('client')[0]!.at;
  const perRound = [0, 0, 0];
  for (const one of lab.sentAt('client')) if (one.octets > 0) perRound[Math.floor((one.at - start) / 100)]!++;
  expect(perRound).toEqual([10, 20, 40]);
});
