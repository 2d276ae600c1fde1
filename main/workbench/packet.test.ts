import { expect, test } from 'vitest';
import { Analysis } from '../analysis/analysis.ts';
import { cut } from '../analysis/fragments/testing/cut.ts';
import { batchOf, frames } from '../analysis/testing/conversation.ts';
import { writePcapng } from '../capture/pcapng-writer.ts';
import { savedFrames } from './frame-source.ts';
import { packetOf } from './packet.ts';

const { count, data, offset, capturedLength } = frames('0 > S 0 0\n0 < SA 0 1\n0 > A 1 1\n0 > PA 1 1 400\n0 < A 1 401');
const whole = Array.from({ length: count }, (_, i) => data.slice(offset[i], offset[i]! + capturedLength[i]!));
/** Many packets, so that the capture is read in several pieces, with a fragment before them. */
const MANY = Array.from({ length: 2500 }, () => new Uint8Array(1000).fill(0x45, 0, 1));
const [head, ...rest] = cut(whole[3]!, [11], 7) as [Uint8Array, ...Uint8Array[]];
const packets = [...whole.slice(0, 3), head, ...MANY, ...rest, whole[4]!];
const LAST = packets.length;
const batch = batchOf(packets.map((octets, i) => ({ seconds: 1000 + i / 100, octets })));
const analysis = new Analysis();
analysis.add(batch);
const source = savedFrames(writePcapng([batch]), 'fragments.pcapng');

async function shown(frame: number) {
  const packet = await packetOf(source, analysis, frame);
  if (!packet.ok) throw new Error(packet.error.message);
  const { octets, fields, reassembled } = packet.value;
  const of = (name: string) => fields.filter((field) => field.name === name).map(({ value }) => value);
  return { octets, of, reassembled };
}

test('the packet with the last fragment shows the segment, its own octets, and those that were put together', async () => {
  const { octets, of, reassembled } = await shown(LAST - 1);
  expect([of('tcp.seq'), of('tcp.len'), of('ip.len'), of('frame.len')]).toEqual([['1'], ['400'], ['88'], ['88']]);
  expect(of('ip.fragment')).toEqual([4, LAST - 4, LAST - 3, LAST - 2, LAST - 1].map(String));
  expect(octets.length).toBe(88);
  expect(reassembled).toEqual([{ frames: [4, LAST - 4, LAST - 3, LAST - 2, LAST - 1], octets: whole[3]!.subarray(20) }]);
});

test('the packets with the others show no segment', async () => {
  for (const frame of [4, LAST - 2]) {
    const { of, reassembled } = await shown(frame);
    expect([of('ip.id'), of('tcp'), reassembled]).toEqual([['7'], [], []]);
  }
});

test('any other stands for itself, with the time since the one before', async () => {
  const since = async (frame: number) => Number((await shown(frame)).of('frame.time_delta')[0]);
  expect(await since(1)).toBe(0);
  for (const frame of [2, 500, LAST]) expect(await since(frame)).toBeCloseTo(0.01, 6);
  const { of, reassembled } = await shown(LAST);
  expect([of('tcp.srcport'), of('frame.number'), reassembled]).toEqual([['9502'], [`${LAST}`], []]);
  expect(await packetOf(source, analysis, LAST + 1)).toMatchObject({ ok: false, error: { kind: 'no-such-packet' } });
});
