import type { FrameBatch } from '../wire/frame-batch.ts';
import { hopLimit, ipIdentification, type Located } from '../wire/locate.ts';
import { Flag } from '../wire/segment.ts';
import { hasPartialChecksum } from '../wire/tcp-checksum.ts';
import { FIRST_PACKET, LAST_PACKET as LAST_PACKET_OF_ALL } from './connection-words.ts';
import { HOPS_SHIFT, Known } from './flow.ts';
import { BITS, BYTES, LAST_PACKET, PACKETS, STATE } from './flow-words.ts';
import { MARK } from './marks.ts';
import { type PacketColumns, Shown, writeRow } from './packet-columns.ts';
import { isDuplicateSack } from './sack.ts';
import type { Sighting } from './sighting.ts';

/** So many of a side's first segments tell whether it leaves checksums to its network card: who does, does always. */
export const CHECKSUMS_LOOKED_AT = 2;

/**
 * Keeps the segment at hand, frame `i` of a batch and number `frame` of the capture: its row, its place in its connection, and what
 * its sender's segments have in common. Gives how many packets the connection has.
 */
export function keepRow(
  columns: PacketColumns,
  { packet, view, connection }: Sighting,
  marks: number,
  batch: FrameBatch,
  i: number,
  frame: number,
  located: Located,
  fromSecond: boolean,
): number {
  const { data } = batch;
  const { words, floats, at } = connection;
  const sender = connection.flowAt(fromSecond);
  const packets = words[sender + PACKETS]! + 1;
  words[sender + PACKETS] = packets;
  let flags = view.flags | (fromSecond ? Shown.FROM_SECOND : 0) | (view.hasTimestamps ? Shown.TIMESTAMPS : 0);
  if (view.sackCount > 0) flags |= isDuplicateSack(view) ? Shown.SACK | Shown.DUPLICATE_SACK : Shown.SACK;
  // What was captured elsewhere before says nothing new of its sender.
  if ((marks & MARK['duplicate-capture']) === 0) {
    floats[(sender + BYTES) >> 1]! += view.payloadLength;
    words[sender + LAST_PACKET] = packet;
    const known = words[sender + BITS]!;
    const hops = hopLimit(data, located);
    if (((known >>> HOPS_SHIFT) & 0xff) !== hops) {
      if (packets > 1) flags |= Shown.OTHER_HOPS;
      words[sender + BITS] = (known & ~(0xff << HOPS_SHIFT)) | (hops << HOPS_SHIFT);
    }
    if (packets <= CHECKSUMS_LOOKED_AT && hasPartialChecksum(data, located)) flags |= Shown.PARTIAL_CHECKSUM;
    if ((view.flags & Flag.SYN) !== 0) {
      words[sender + STATE] = (words[sender + STATE]! & 0xffff) | (Math.max(view.mss, 0) << 16);
      if (view.sackPermitted) words[sender + BITS]! |= Known.SACK_PERMITTED;
    }
  }
  const flagsAndWindow = flags | (view.window << 16);
  const ipId = ipIdentification(data, located);
  writeRow(
    columns,
    packet,
    frame,
    batch,
    i,
    connection.id,
    view.seq | 0,
    view.ack | 0,
    flagsAndWindow,
    view.payloadLength,
    marks,
    view.tsValue | 0,
    view.tsEcho | 0,
    ipId,
  );
  const previous = words[at + LAST_PACKET_OF_ALL]!;
  if (previous < 0) words[at + FIRST_PACKET] = packet;
  else columns.link(previous, packet);
  words[at + LAST_PACKET_OF_ALL] = packet;
  return packets + words[connection.flowAt(!fromSecond) + PACKETS]!;
}
