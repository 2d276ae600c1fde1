import type { FrameBatch } from '../wire/frame-batch.ts';
import type { Located } from '../wire/locate.ts';
import { dataViewOf } from '../wire/octets.ts';
import { Flag } from '../wire/segment.ts';
import { hasPartialChecksum } from '../wire/tcp-checksum.ts';
import { ALIGNED_TIMESTAMPS, TCP_HEADER } from '../wire/tcp-view.ts';
import { State } from './change-log.ts';
import { COMPLETENESS_SHIFT, Complete } from './completeness.ts';
import { type Connection, Life, UNTIMED } from './connection-store.ts';
import { INITIAL_RTT, LAST_PACKET as LAST_OF_BOTH, LIFE, SYN_TIME } from './connection-words.ts';
import { HOPS_SHIFT, Known, SCALE_SHIFT, SMALLEST_SCALE } from './flow.ts';
import {
  ACK_PACKET,
  ACKED,
  BITS,
  BYTES,
  CONTIGUOUS,
  DUPLICATE_ACKS,
  LAST_ACK,
  LAST_PACKET,
  NEXT_SEQ,
  NEXT_SEQ_PACKET,
  PACKETS,
  SAME_ACK_PACKET,
  SAME_ACKS,
  SENT,
  STATE,
  WINDOW,
} from './flow-words.ts';
import { type PacketColumns, Shown, writeRow } from './packet-columns.ts';
import { CHECKSUMS_LOOKED_AT } from './packet-row.ts';

const { ESTABLISHED } = State;
/** Octets of a header with nothing but timestamps. */
const WITH_TIMESTAMPS = TCP_HEADER + 12;
const CONTROL = Flag.SYN | Flag.ACK | Flag.RST | Flag.FIN;

/** What must be known of the sender, what of the receiver, and what of neither. */
const OF_SENDER = Known.BASE | Known.NEXT | Known.SENT | Known.ACKED | Known.SPOKE;
const OF_RECEIVER = Known.BASE | Known.NEXT | Known.SENT;
const OF_NEITHER = Known.FIN | Known.RST | Known.MAYBE_FIN | Known.UNSCALED | Known.DOUBTFUL_RESET;

/**
 * Takes a located segment where it is an ordinary one: what both endpoints of an established connection expected next, and nothing
 * that any rule of `states/` or `events/` has something to say about. Four segments in five are, so they are known by a dozen
 * comparisons, as a receiver does it (Van Jacobson's header prediction), and what is left of them here is what the rules would leave:
 * `ordinary.test.ts` holds the two against each other. Gives how many packets the connection has with it, or 0, and nothing
 * was touched: it is for the rules to judge. One function, though long: a call that V8 does not inline costs as much as a
 * third of what stands here.
 */
export function goesOn(
  batch: FrameBatch,
  i: number,
  wireEnd: number,
  located: Located,
  connection: Connection,
  fromSecond: boolean,
  columns: PacketColumns,
  packet: number,
  frame: number,
): number {
  const { data } = batch;
  const { tcp, tcpLength, captured, ip, ipVersion } = located;
  const octets = dataViewOf(data);
  const offsetFlagsWindow = octets.getInt32(tcp + 12);
  const window = offsetFlagsWindow & 0xffff;
  let flags = (offsetFlagsWindow >>> 16) & 0x1ff;
  if ((flags & CONTROL) !== Flag.ACK || window === 0) return 0;
  const headerLength = (offsetFlagsWindow >>> 28) * 4;
  let tsValue = 0;
  let tsEcho = 0;
  if (headerLength !== TCP_HEADER) {
    if (headerLength !== WITH_TIMESTAMPS || captured < WITH_TIMESTAMPS || octets.getInt32(tcp + TCP_HEADER) !== ALIGNED_TIMESTAMPS)
      return 0;
    tsValue = octets.getInt32(tcp + TCP_HEADER + 4);
    tsEcho = octets.getInt32(tcp + TCP_HEADER + 8);
    flags |= Shown.TIMESTAMPS;
  }

  const { words, floats } = connection;
  const life = connection.at;
  const sender = connection.flowAt(fromSecond);
  const receiver = connection.flowAt(!fromSecond);
  const known = words[sender + BITS]!;
  const peerKnown = words[receiver + BITS]!;
  if ((known & (OF_SENDER | OF_NEITHER)) !== OF_SENDER || (peerKnown & (OF_RECEIVER | OF_NEITHER)) !== OF_RECEIVER) return 0;
  if ((words[sender + STATE]! & 0xff) !== ESTABLISHED || (words[receiver + STATE]! & 0xff) !== ESTABLISHED) return 0;
  const packets = words[sender + PACKETS]! + 1;
  const hops = octets.getUint8(ipVersion === 4 ? ip + 8 : ip + 7);
  if (((known >>> HOPS_SHIFT) & 0xff) !== hops) return 0;
  if (floats[(life + INITIAL_RTT) >> 1] === UNTIMED && floats[(life + SYN_TIME) >> 1] !== UNTIMED) return 0; // it times the handshake

  const seq = octets.getInt32(tcp + 4);
  const ack = octets.getInt32(tcp + 8);
  if (seq !== words[sender + NEXT_SEQ] || seq !== words[sender + SENT]) return 0;
  if (((ack - words[receiver + CONTIGUOUS]!) | 0) > 0 || ((ack - words[receiver + SENT]!) | 0) > 0) return 0;
  const lastAck = words[sender + LAST_ACK]!;
  // No segment holds more than its frame did on the wire.
  const length = Math.max(0, Math.min(tcpLength, wireEnd - tcp) - headerLength);
  if (length === 0) {
    if (ack === lastAck) return 0; // it repeats itself
    words[life + LIFE]! |= Life.ANSWERED | (Complete.ACK << COMPLETENESS_SHIFT);
  } else {
    const end = (seq + length) | 0;
    const peerAck = words[receiver + LAST_ACK]!;
    if (((end - peerAck) | 0) <= 0) return 0; // acknowledged before it was sent
    const scale = (peerKnown >>> SCALE_SHIFT) + SMALLEST_SCALE;
    const offered = words[receiver + WINDOW]! << Math.max(scale, 0);
    if (offered === 0 || ((peerAck + offered) | 0) === end) return 0; // it probes the window, or fills it
    if (((known | peerKnown) & Known.ASSUMED) !== 0 && (peerKnown & Known.DATA) !== 0) return 0; // it settles what was assumed
    words[sender + BITS] = known | Known.DATA;
    words[sender + NEXT_SEQ] = end;
    words[sender + SENT] = end;
    words[sender + NEXT_SEQ_PACKET] = packet;
    if (words[sender + CONTIGUOUS] === seq) words[sender + CONTIGUOUS] = end;
    floats[(sender + BYTES) >> 1]! += length;
    words[life + LIFE]! |= Life.ANSWERED | (Complete.DATA << COMPLETENESS_SHIFT);
  }
  if (((ack - words[sender + ACKED]!) | 0) > 0) {
    words[sender + ACKED] = ack;
    words[sender + ACK_PACKET] = packet;
  }
  if (ack !== lastAck) {
    words[sender + LAST_ACK] = ack;
    words[sender + DUPLICATE_ACKS] = 0;
    words[sender + SAME_ACKS] = 0;
    words[sender + SAME_ACK_PACKET] = packet;
  }
  words[sender + WINDOW] = window;
  words[sender + PACKETS] = packets;
  words[sender + LAST_PACKET] = packet;
  columns.link(words[life + LAST_OF_BOTH]!, packet);
  words[life + LAST_OF_BOTH] = packet;
  if (fromSecond === true) flags |= Shown.FROM_SECOND;
  if (packets <= CHECKSUMS_LOOKED_AT && hasPartialChecksum(data, located)) flags |= Shown.PARTIAL_CHECKSUM;
  const flagsAndWindow = flags | (window << 16);
  const ipId = ipVersion === 4 ? octets.getUint16(ip + 4) : 0;
  writeRow(columns, packet, frame, batch, i, connection.id, seq, ack, flagsAndWindow, length, 0, tsValue, tsEcho, ipId);
  return packets + words[receiver + PACKETS]!;
}
