import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd } from '../../wire/seq.ts';
import type { Clock } from '../clock.ts';
import { type Connection, Life } from '../connection-store.ts';
import type { Flow } from '../flow.ts';
import { CONTROL_BITS, type PacketColumns, Shown, slot } from '../packet-columns.ts';
import type { Side } from '../record.ts';

/** One segment of a connection, read back from the columns. One record is reused for all. */
export interface Seen {
  /** Row of the packet columns. */
  row: number;
  /** Nanoseconds of the analysis clock. */
  time: number;
  from: Side;
  /** Control bits. */
  flags: number;
  seq: SeqNum;
  /** What follows it: its payload, SYN and FIN counted. */
  end: SeqNum;
  ack: SeqNum;
  /** Payload octets. */
  length: number;
  /** Octets offered, scaled where the scale is known. */
  window: number;
  marks: number;
  hasTimestamps: boolean;
  tsValue: number;
  tsEcho: number;
  /** IPv4 identification; 0 with IPv6. */
  ipId: number;
  /** It carries SACK blocks; the first of which tells of a duplicate. */
  hasSack: boolean;
  hasDuplicateSack: boolean;
  /** Its TTL or hop limit differs from that of its sender's segment before. */
  otherHops: boolean;
  /** Its checksum was left to the network card; told of a side's first segments only. */
  partialChecksum: boolean;
  /** It came in IP fragments. */
  inFragments: boolean;
}

export const emptySeen = (): Seen => ({
  row: -1,
  time: 0,
  from: 'client',
  flags: 0,
  seq: 0 as SeqNum,
  end: 0 as SeqNum,
  ack: 0 as SeqNum,
  length: 0,
  window: 0,
  marks: 0,
  hasTimestamps: false,
  tsValue: 0,
  tsEcho: 0,
  ipId: 0,
  hasSack: false,
  hasDuplicateSack: false,
  otherHops: false,
  partialChecksum: false,
  inFragments: false,
});

export const has = (s: Seen, flag: number): boolean => (s.flags & flag) !== 0;

/** Of what is kept of each side, that of one. Members by their own names are found far faster than by a name that is computed. */
export const ofSide = <T>(both: { readonly client: T; readonly server: T }, side: Side): T =>
  side === 'client' ? both.client : both.server;
/** That of a segment's sender, and that of the other. */
export const ofSender = <T>(both: { readonly client: T; readonly server: T }, { from }: Seen): T =>
  from === 'client' ? both.client : both.server;
export const ofPeer = <T>(both: { readonly client: T; readonly server: T }, { from }: Seen): T =>
  from === 'client' ? both.server : both.client;

/** Reads a row of a connection's packets. */
export function readSeen(
  columns: PacketColumns,
  clock: Clock,
  connection: Connection,
  flows: { readonly client: Flow; readonly server: Flow },
  row: number,
  out: Seen,
): void {
  const page = columns.page(row);
  const i = slot(row);
  const bits = page.flags(i);
  out.row = row;
  out.time = clock.since(page.seconds(i), page.nanoseconds(i));
  out.from = ((bits & Shown.FROM_SECOND) !== 0) === connection.has(Life.CLIENT_SECOND) ? 'client' : 'server';
  out.flags = bits & CONTROL_BITS;
  out.seq = page.seq(i) as SeqNum;
  out.length = page.length(i);
  out.end = seqAdd(out.seq, out.length + ((bits & Flag.SYN) !== 0 ? 1 : 0) + ((bits & Flag.FIN) !== 0 ? 1 : 0));
  out.ack = page.ack(i) as SeqNum;
  const { scale } = ofSender(flows, out);
  out.window = (bits & Flag.SYN) !== 0 || scale < 0 ? page.window(i) : page.window(i) * 2 ** scale;
  out.marks = page.marks(i);
  out.hasTimestamps = (bits & Shown.TIMESTAMPS) !== 0;
  out.tsValue = page.tsValue(i);
  out.tsEcho = page.tsEcho(i);
  out.ipId = page.ipId(i);
  out.hasSack = (bits & Shown.SACK) !== 0;
  out.hasDuplicateSack = (bits & Shown.DUPLICATE_SACK) !== 0;
  out.otherHops = (bits & Shown.OTHER_HOPS) !== 0;
  out.partialChecksum = (bits & Shown.PARTIAL_CHECKSUM) !== 0;
  out.inFragments = (bits & Shown.FRAGMENTS) !== 0;
}
