import type { FrameBatch } from '../wire/frame-batch.ts';
import { hopLimit, ipIdentification, type Located } from '../wire/locate.ts';
import { Flag } from '../wire/segment.ts';
import { hasPartialChecksum } from '../wire/tcp-checksum.ts';
import { Known } from './flow.ts';
import { MARK } from './marks.ts';
import { type PacketColumns, Shown, slot } from './packet-columns.ts';
import { isDuplicateSack } from './sack.ts';
import type { Sighting } from './sighting.ts';

/** So many of a side's first segments tell whether it leaves checksums to its network card: who does, does always. */
const CHECKSUMS_LOOKED_AT = 2;

/** Fills the row of the segment at hand, frame `i` of a batch and number `frame` of the capture. */
export function writeRow(
  columns: PacketColumns,
  sighting: Sighting,
  marks: number,
  batch: FrameBatch,
  i: number,
  frame: number,
  located: Located,
  fromSecond: boolean,
): void {
  const { packet, view, connection } = sighting;
  const page = columns.page(packet);
  const row = slot(packet);
  page.frame[row] = frame;
  page.seconds[row] = batch.seconds[i]!;
  page.nanoseconds[row] = batch.nanoseconds[i]!;
  page.connection[row] = connection.id;
  page.seq[row] = view.seq;
  page.ack[row] = view.ack;
  page.flags[row] = view.flags | (fromSecond ? Shown.FROM_SECOND : 0) | shown(sighting, marks, batch.data, located);
  page.window[row] = view.window;
  page.length[row] = view.payloadLength;
  page.marks[row] = marks;
  page.tsValue[row] = view.tsValue;
  page.tsEcho[row] = view.tsEcho;
  page.ipId[row] = ipIdentification(batch.data, located);
  page.place(row, batch.position[i]!);
  page.capturedLength[row] = batch.capturedLength[i]!;
}

/** What the `flags` column tells of a segment beside its control bits and its direction. */
function shown({ view, sender }: Sighting, marks: number, data: Uint8Array, located: Located): number {
  let bits = view.hasTimestamps ? Shown.TIMESTAMPS : 0;
  if (view.sackCount > 0) bits |= isDuplicateSack(view) ? Shown.SACK | Shown.DUPLICATE_SACK : Shown.SACK;
  if ((marks & MARK['duplicate-capture']) !== 0) return bits; // captured elsewhere, it says nothing new of its sender
  const hops = hopLimit(data, located);
  if (sender.packets <= CHECKSUMS_LOOKED_AT && hasPartialChecksum(data, located)) bits |= Shown.PARTIAL_CHECKSUM;
  if (hops !== sender.hopLimit) {
    if (sender.packets > 1) bits |= Shown.OTHER_HOPS;
    sender.hopLimit = hops;
  }
  if ((view.flags & Flag.SYN) !== 0) {
    sender.mss = Math.max(view.mss, 0);
    if (view.sackPermitted) sender.set(Known.SACK_PERMITTED);
  }
  return bits;
}
