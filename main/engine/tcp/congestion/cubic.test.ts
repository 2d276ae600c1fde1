import { expect, test } from 'vitest';
import { ms } from '../../../wire/units.ts';
import { Lab } from '../../testing/lab.ts';
import { BETA, C } from './cubic.ts';

const ROUND_TRIP = 100;

/** A flow that always has something to send, over a round trip of so many milliseconds. */
function flowing(congestionControl: 'cubic' | 'reno', lost: (n: number) => boolean, roundTrip = ROUND_TRIP): Lab {
  const lab = new Lab({
    cable: { delay: ms(roundTrip / 2) },
    clientSysctls: { 'net.ipv4.tcp_congestion_control': congestionControl },
    serverSysctls: { 'net.ipv4.tcp_rmem': [4096, 4_000_000, 33_554_432] },
  });
  const { c, s } = lab.connected();
  lab.run(200);
  let n = 0;
  lab.cable.set({
    intercept: (p, from) => (from === 'client' && (p.segment?.payload.length ?? 0) > 0 && lost(++n) ? 'drop' : 'pass'),
  });
  const drain = (): void => lab.b.recv(s, 1_000_000, [], drain);
  drain();
  lab.value<void>((done) => lab.a.setsockopt(c, 'SO_SNDBUF', 4_000_000, done));
  const feed = (): void => lab.a.send(c, new Uint8Array(100_000), [], feed);
  feed();
  return lab;
}

const windows = (lab: Lab) => lab.events.flatMap((e) => (e.kind === 'cwnd' && e.host === 'client' ? [e] : []));

test('after a loss the window follows W(t) = C (t - K)^3 + W_max (RFC 9438 §4.2)', () => {
  const lab = flowing('cubic', (n) => n === 300);
  lab.run(12_000);
  const all = windows(lab);
  const before = all[all.findIndex((w) => w.phase === 'recovery') - 1]!.cwnd;
  const after = all.slice(all.findIndex((w) => w.phase === 'recovery')).filter((w) => w.phase === 'open');
  expect(before).toBeGreaterThan(100);
  // The loss leaves 0.7 of the window (§4.6).
  expect(after[0]!.cwnd).toBe(Math.floor(before * BETA));
  const k = Math.cbrt((before - after[0]!.cwnd) / C);
  const epoch = after[0]!.at / 1e9;
  for (const second of [1, 2, 3, 4, 5, 6]) {
    const w = after.findLast((one) => one.at / 1e9 <= epoch + second)!.cwnd;
    const curve = C * (second - k) ** 3 + before;
    // ACKs follow the curve a round trip behind, in whole segments.
    expect(Math.abs(w - curve)).toBeLessThan(0.05 * before);
  }
});

test('the curve begins a segment above the window, so that on a short way it does not stand still after a loss', () => {
  const lab = flowing('cubic', (n) => n === 12, 1);
  lab.run(20);
  const all = windows(lab);
  const after = all.slice(all.findIndex((w) => w.phase === 'recovery')).filter((w) => w.phase === 'open');
  const reached = (rounds: number): number => after.findLast((w) => w.at <= after[0]!.at + ms(rounds + 0.1))!.cwnd;
  expect([reached(0), reached(1)]).toEqual([14, 15]); // 0.7 of 20
});

test('NewReno halves the window and adds one segment each round trip (RFC 5681 §3.1)', () => {
  const lab = flowing('reno', (n) => n === 300);
  lab.run(4000);
  const all = windows(lab);
  const begins = all.findIndex((w) => w.phase === 'recovery');
  const before = all[begins - 1]!.cwnd;
  const after = all.slice(begins).filter((w) => w.phase === 'open');
  expect(after[0]!.cwnd).toBe(before >> 1);
  const tenRoundsOn = after.findLast((w) => w.at <= after[0]!.at + ms(10 * ROUND_TRIP))!;
  expect(Math.abs(tenRoundsOn.cwnd - after[0]!.cwnd - 10)).toBeLessThanOrEqual(1);
});

test('HyStart ends slow start before the queue of a slow cable overflows', () => {
  const lab = flowing('cubic', () => false);
  lab.cable.set({ rate: 20e6, queue: 400 });
  lab.run(3000);
  const { counters } = lab.client;
  expect(counters.get('TCPHystartDelayDetect') + counters.get('TCPHystartTrainDetect')).toBe(1);
  expect(lab.events.filter((e) => e.kind === 'drop')).toEqual([]);
});

test('TCP_CONGESTION chooses for one socket, net.ipv4.tcp_congestion_control for new ones; an unknown name is ENOENT', () => {
  const lab = new Lab({ clientSysctls: { 'net.ipv4.tcp_congestion_control': 'reno' } });
  const fd = lab.socket(lab.a);
  expect(lab.value((done) => lab.a.getsockopt(fd, 'TCP_CONGESTION', done))).toBe('reno');
  lab.value<void>((done) => lab.a.setsockopt(fd, 'TCP_CONGESTION', 'cubic', done));
  expect(lab.value((done) => lab.a.getsockopt(fd, 'TCP_CONGESTION', done))).toBe('cubic');
  expect(lab.errno(lab.call<void>((done) => lab.a.setsockopt(fd, 'TCP_CONGESTION', 'vegas', done)))).toBe('ENOENT');
});
