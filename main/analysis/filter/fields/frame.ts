import type { Field } from './field.ts';

const moment = (seconds: number, nanoseconds: number): bigint => BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

/** What Wireshark says of every frame. */
export const FRAME_FIELDS: readonly Field[] = [
  {
    name: 'frame',
    kind: 'protocol',
    title: 'every frame, all its captured octets',
    columns: { has: () => true },
    frame: { list: (s, out) => s.captured > 0 && out.add(s.data.subarray(s.start, s.start + s.captured)) },
  },
  {
    name: 'frame.number',
    kind: 'frame',
    title: 'place in the capture, from 1',
    columns: { slots: [(s) => s.page.frame(s.i)] },
    frame: { slots: [(s) => s.number] },
  },
  {
    name: 'frame.cap_len',
    kind: 'unsigned',
    bits: 32,
    title: 'octets captured',
    columns: { slots: [(s) => s.page.capturedLength(s.i)] },
    frame: { slots: [(s) => s.captured] },
  },
  { name: 'frame.len', kind: 'unsigned', bits: 32, title: 'octets on the wire', frame: { slots: [(s) => s.original] } },
  {
    name: 'frame.time',
    kind: 'moment',
    title: 'when it was captured; without a zone a time is UTC',
    columns: { list: (s, out) => out.add(moment(s.page.seconds(s.i), s.page.nanoseconds(s.i))) },
    frame: { list: (s, out) => out.add(moment(s.seconds, s.nanoseconds)) },
  },
  {
    name: 'frame.time_epoch',
    kind: 'epoch',
    title: 'when it was captured, in seconds since 1970',
    columns: { list: (s, out) => out.add(moment(s.page.seconds(s.i), s.page.nanoseconds(s.i))) },
    frame: { list: (s, out) => out.add(moment(s.seconds, s.nanoseconds)) },
  },
  {
    name: 'frame.time_relative',
    kind: 'duration',
    title: 'since the first frame',
    columns: { slots: [(s) => s.tables.clock.since(s.page.seconds(s.i), s.page.nanoseconds(s.i))] },
    frame: { slots: [(s) => s.tables.clock.since(s.seconds, s.nanoseconds)] },
  },
  { name: 'frame.time_delta', kind: 'duration', title: 'since the frame before', frame: { slots: [(s) => s.sincePrevious] } },
  {
    name: 'frame.interface_id',
    kind: 'unsigned',
    bits: 32,
    title: 'which interface of the capture saw it, from 0',
    frame: { slots: [(s) => s.interfaceId] },
  },
];
