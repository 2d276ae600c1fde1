import { expect, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { decodeIpv4 } from '../../wire/ipv4.ts';
import { decodeSegment } from '../../wire/tcp-header.ts';
import { ms, seconds } from '../../wire/units.ts';
import { Lab, octets } from '../testing/lab.ts';

const frames = (batches: readonly FrameBatch[]): { at: number; flags: number; length: number }[] =>
  batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, i) => {
      const packet = decodeIpv4(batch.data.subarray(batch.offset[i]!, batch.offset[i]! + batch.capturedLength[i]!));
      if (!packet.ok) throw new Error('not IPv4');
      const segment = decodeSegment(packet.value.payload);
      if (!segment.ok) throw new Error('not TCP');
      return {
        at: batch.seconds[i]! * 1e3 + batch.nanoseconds[i]! / 1e6,
        flags: segment.value.flags,
        length: segment.value.payload.length,
      };
    }),
  );

test('what a host leaves to the cable is cut where it is put on, unless the cable takes it whole; a tap sees either', () => {
  const record = (offload: boolean, uncut: boolean): { lengths: number[]; segments: number } => {
    const lab = new Lab({ gso: true, cable: { offload } });
    const { c, s } = lab.connected();
    const batches: FrameBatch[] = [];
    const stop = lab.engine.tap(lab.cable, (batch) => batches.push(batch), { uncut, at: lab.client });
    const before = lab.client.counters.get('OutSegs');
    lab.value<number>((done) => lab.a.send(c, new Uint8Array(4000), [], done));
    expect(lab.value<Uint8Array>((done) => lab.b.recv(s, 4000, ['MSG_WAITALL'], done)).length).toBe(4000);
    const segments = lab.client.counters.get('OutSegs') - before;
    stop();
    return { lengths: batches.flatMap(({ originalLength }) => [...originalLength]).filter((length) => length > 52), segments };
  };
  const [cut, whole] = [
    [1500, 1500, 1156],
    [2948, 1156],
  ]; // two segments are the least that is worth a buffer
  expect(record(false, false)).toEqual({ lengths: cut, segments: 3 });
  expect(record(false, true)).toEqual({ lengths: whole, segments: 3 });
  expect(record(true, false)).toEqual({ lengths: whole, segments: 3 });
});

test('a tap gives the octets of every segment with virtual time', () => {
  const lab = new Lab();
  const batches: FrameBatch[] = [];
  lab.engine.tap(lab.cable, (batch) => batches.push(batch));
  lab.listening();
  lab.connecting();
  lab.run(50);
  expect(frames(batches)).toEqual([
    { at: 0, flags: 0x02, length: 0 },
    { at: 5, flags: 0x12, length: 0 },
    { at: 10, flags: 0x10, length: 0 },
  ]);
});

test('a tap at one host sees what leaves and what arrives there, and nothing that was lost on the way', () => {
  const lab = new Lab();
  const batches: FrameBatch[] = [];
  lab.engine.tap(lab.cable, (batch) => batches.push(batch), { at: lab.server, epochSeconds: 100 });
  lab.listening();
  lab.cable.set({ loss: 1 });
  lab.connecting();
  lab.run(500);
  lab.cable.set({ loss: 0 });
  lab.run(1000);
  expect(frames(batches)).toEqual([
    { at: 101_005, flags: 0x02, length: 0 },
    { at: 101_005, flags: 0x12, length: 0 },
    { at: 101_015, flags: 0x10, length: 0 },
  ]);
});

test('a rate spaces packets out, and its queue overflows', () => {
  const lab = new Lab({ cable: { rate: 12_000_000, queue: 4 } });
  const { c } = lab.connected();
  lab.forget();
  lab.call<number>((done) => lab.a.send(c, new Uint8Array(10 * 1448), [], done));
  lab.run(8);
  const arrivals = lab.events.flatMap((e) => (e.kind === 'segment-received' && e.host === 'server' ? [e.at] : []));
  expect(arrivals).toHaveLength(3); // 1500 octets at 12 Mbit/s take 1 ms each, after 5 ms on the way
  expect(arrivals[1]! - arrivals[0]!).toBe(ms(1));
  expect(lab.drops().filter((drop) => drop === 'client cable-queue-full').length).toBeGreaterThan(0);
});

test('settings change while packets are under way', () => {
  const lab = new Lab({ cable: { delay: seconds(1) } });
  lab.listening();
  lab.connecting();
  lab.cable.set({ delay: ms(1) });
  lab.run(1500);
  expect(lab.sentAt('server')[0]!.at).toBe(1000); // the SYN was sent when the cable was slow
  expect(lab.sentAt('client').find((s) => s.flags === 0x10)!.at).toBe(1001);
});

test('a packet larger than the cable carries is lost, and says so', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  lab.cable.set({ mtu: 600 });
  lab.call<number>((done) => lab.a.send(c, octets('x'.repeat(1000)), [], done));
  lab.run(10);
  expect(lab.drops()).toContain('client too-big-for-link');
});
