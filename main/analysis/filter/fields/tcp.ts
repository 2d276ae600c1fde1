import { Flag } from '../../../wire/segment.ts';
import { type SeqNum, seqDistance } from '../../../wire/seq.ts';
import { type ChecksumStatus, tcpChecksumStatus } from '../../../wire/tcp-checksum.ts';
import { SCALE_NONE, SCALE_UNKNOWN } from '../../flow.ts';
import { MARK } from '../../marks.ts';
import { NO_PACKET } from '../../packet-columns.ts';
import { WIRESHARK_EVENT_KINDS } from '../../record.ts';
import type { Layers, Places } from '../layers.ts';
import type { Subject } from '../subject.ts';
import { bits, both, captured, type Field, inEach, octetsInEach, type Reader, type Slot, u8, u16, u32 } from './field.ts';

const tcp = (layers: Layers): Places => layers.tcp;
const each = (read: (s: Subject, at: number, end: number) => number): Reader => inEach(tcp, read);
/** One value of the row. */
const row = (slot: Slot): Reader => ({ slots: [slot] });

const headerLength = (s: Subject, at: number): number => bits(u8(s, at + 12), 4, 15) * 4;
const port =
  (source: boolean): Slot =>
  (s) =>
    s.connection.port(s.fromSecond === source);

/** Both relative to the first sequence number of whom they are about, as Wireshark counts; an ACK field without the bit is shown as sent. */
const relativeSeq: Slot = (s) => seqDistance(s.flowOf(s.fromSecond).base, s.page.seq(s.i) as SeqNum) >>> 0;
const relativeAck: Slot = (s) =>
  (s.flags & Flag.ACK) === 0 ? s.page.ack(s.i) : seqDistance(s.flowOf(!s.fromSecond).base, s.page.ack(s.i) as SeqNum) >>> 0;
const occupied = (s: Subject): number => s.page.length(s.i) + ((s.flags & (Flag.SYN | Flag.FIN)) !== 0 ? 1 : 0);

/** A SYN's window is never scaled (RFC 7323 §2.2). */
const window: Slot = (s) => {
  const raw = s.page.window(s.i);
  if ((s.flags & Flag.SYN) !== 0) return raw;
  const { scale } = s.flowOf(s.fromSecond);
  return scale < 0 ? raw : raw * 2 ** scale;
};
/** -1 where the handshake was not captured, -2 where no scaling was agreed. */
const scaleFactor: Slot = (s) => {
  if ((s.flags & Flag.SYN) !== 0) return Number.NaN;
  const { scale } = s.flowOf(s.fromSecond);
  return scale === SCALE_UNKNOWN || scale === SCALE_NONE ? scale : 2 ** scale;
};

const timeOf = (s: Subject): number => s.tables.columns.time(s.row, s.tables.clock);
const sinceFirst: Slot = (s) => timeOf(s) - s.tables.columns.time(s.connection.firstPacket, s.tables.clock);
const sincePrevious: Slot = (s) => {
  const before = s.previous.of(s.row);
  return before === NO_PACKET ? 0 : timeOf(s) - s.tables.columns.time(before, s.tables.clock);
};

const flag = (name: string, title: string, bit: number, shift: number): Field => ({
  name: `tcp.flags.${name}`,
  kind: 'boolean',
  title,
  columns: row((s) => ((s.flags & bit) === 0 ? 0 : 1)),
  frame: each((s, at) => bits(u16(s, at + 12), shift, 1)),
});

const number = (name: string, width: number, title: string, columns: Reader, frame?: Reader): Field => ({
  name,
  kind: 'unsigned',
  bits: width,
  title,
  columns,
  ...(frame && { frame }),
});

/** There or not, by what the analysis marked. */
const label = (name: string, title: string, has: (s: Subject) => boolean): Field => ({ name, kind: 'label', title, columns: { has } });

/** What Wireshark's own word for an event is, in words. */
const EVENT_TITLES: Readonly<Record<(typeof WIRESHARK_EVENT_KINDS)[number], string>> = {
  retransmission: 'sent again',
  'fast-retransmission': 'sent again after duplicate ACKs',
  'spurious-retransmission': 'sent again though it was acknowledged',
  'out-of-order': 'captured after what follows it',
  'duplicate-ack': 'an ACK that says nothing new',
  'lost-segment': 'something before it was not captured',
  'ack-lost-segment': 'acknowledges what was not captured',
  'zero-window': 'its sender takes no more',
  'zero-window-probe': 'asks whether the window is still closed',
  'zero-window-probe-ack': 'answers such a probe',
  'window-full': 'fills the window of its receiver',
  'window-update': 'changes only the window',
  'keep-alive': 'a keepalive probe',
  'keep-alive-ack': 'answers one',
  'reused-ports': 'a new connection on a known 4-tuple',
};

const wiresharkMarks = WIRESHARK_EVENT_KINDS.reduce((union, kind) => union | MARK[kind], 0);

const ANALYSIS_FIELDS: readonly Field[] = [
  label('tcp.analysis.flags', 'anything noteworthy', (s) => (s.page.marks(s.i) & wiresharkMarks) !== 0),
  ...WIRESHARK_EVENT_KINDS.map((kind) =>
    label(`tcp.analysis.${kind.replaceAll('-', '_')}`, EVENT_TITLES[kind], (s) => (s.page.marks(s.i) & MARK[kind]) !== 0),
  ),
];

const carries = (wanted: number, mask: number) => (s: Subject) => (s.flags & mask) === wanted;

const CONNECTION_FIELDS: readonly Field[] = [
  label('tcp.connection.syn', 'asks for a connection: SYN without ACK', carries(Flag.SYN, Flag.SYN | Flag.ACK)),
  label('tcp.connection.synack', 'answers it: SYN with ACK', carries(Flag.SYN | Flag.ACK, Flag.SYN | Flag.ACK)),
  label('tcp.connection.fin', 'ends a direction: FIN', carries(Flag.FIN, Flag.FIN)),
  label('tcp.connection.rst', 'ends a connection: RST', carries(Flag.RST, Flag.RST)),
];

/** Wireshark's numbers, as it shows them where its preference tcp.check_checksum is on. */
const STATUS_NUMBERS: Readonly<Record<ChecksumStatus, number>> = { bad: 0, good: 1, partial: 2, unverified: 2 };
const CHECKSUM_STATUS: Field = {
  name: 'tcp.checksum.status',
  kind: 'unsigned',
  bits: 8,
  title: 'checksum: 0 bad, 1 good, 2 left to the network card or not captured whole',
  frame: {
    list: (s, out) => {
      const located = s.locateSegment();
      if (located) out.add(STATUS_NUMBERS[tcpChecksumStatus(s.data, located)]);
    },
  },
};

/** The header and payload of a segment, and what follows from where it stands in its connection. */
export const TCP_FIELDS: readonly Field[] = [
  {
    name: 'tcp',
    kind: 'protocol',
    title: 'TCP: header and payload',
    columns: { has: () => true },
    frame: octetsInEach(tcp, captured),
  },
  number(
    'tcp.srcport',
    16,
    'source port',
    row(port(true)),
    each((s, at) => u16(s, at)),
  ),
  number(
    'tcp.dstport',
    16,
    'destination port',
    row(port(false)),
    each((s, at) => u16(s, at + 2)),
  ),
  number(
    'tcp.port',
    16,
    'source or destination port',
    { slots: [port(true), port(false)] },
    both(
      each((s, at) => u16(s, at)),
      each((s, at) => u16(s, at + 2)),
    ),
  ),
  number(
    'tcp.stream',
    32,
    'number of the connection, from 0',
    row((s) => s.page.connection(s.i)),
  ),
  number(
    'tcp.completeness',
    8,
    'how much of the connection was seen: 1 SYN, 2 SYN,ACK, 4 ACK, 8 data, 16 FIN, 32 RST',
    row((s) => s.connection.completeness),
  ),
  number('tcp.seq', 32, 'sequence number, from 0 at the first', row(relativeSeq)),
  number(
    'tcp.seq_raw',
    32,
    'sequence number as sent',
    row((s) => s.page.seq(s.i)),
    each((s, at) => u32(s, at + 4)),
  ),
  number(
    'tcp.nxtseq',
    32,
    'what follows this segment',
    row((s) => (relativeSeq(s) + occupied(s)) >>> 0),
  ),
  number('tcp.ack', 32, 'acknowledgment number, from 0 at the first', row(relativeAck)),
  number(
    'tcp.ack_raw',
    32,
    'acknowledgment number as sent',
    row((s) => s.page.ack(s.i)),
    each((s, at) => u32(s, at + 8)),
  ),
  { name: 'tcp.hdr_len', kind: 'unsigned', bits: 8, title: 'octets of the header', frame: each(headerLength) },
  number(
    'tcp.len',
    32,
    'payload octets',
    row((s) => s.page.length(s.i)),
  ),
  number(
    'tcp.flags',
    16,
    'all control bits',
    row((s) => s.flags),
    each((s, at) => u16(s, at + 12) & 0x1ff),
  ),
  flag('ae', 'accurate ECN (formerly nonce)', Flag.AE, 8),
  flag('cwr', 'congestion window reduced', Flag.CWR, 7),
  flag('ece', 'ECN echo', Flag.ECE, 6),
  flag('urg', 'urgent', Flag.URG, 5),
  flag('ack', 'acknowledgment', Flag.ACK, 4),
  flag('push', 'push', Flag.PSH, 3),
  flag('reset', 'reset', Flag.RST, 2),
  flag('syn', 'synchronize', Flag.SYN, 1),
  flag('fin', 'no more from this side', Flag.FIN, 0),
  number(
    'tcp.window_size_value',
    16,
    'window as sent',
    row((s) => s.page.window(s.i)),
    each((s, at) => u16(s, at + 14)),
  ),
  number('tcp.window_size', 32, 'window in octets, scaled where the scale is known', row(window)),
  { name: 'tcp.window_size_scalefactor', kind: 'signed', title: 'scale of the window; -1 unknown, -2 none', columns: row(scaleFactor) },
  { name: 'tcp.checksum', kind: 'unsigned', bits: 16, title: 'checksum', frame: each((s, at) => u16(s, at + 16)) },
  CHECKSUM_STATUS,
  { name: 'tcp.urgent_pointer', kind: 'unsigned', bits: 16, title: 'urgent pointer', frame: each((s, at) => u16(s, at + 18)) },
  {
    name: 'tcp.payload',
    kind: 'bytes',
    title: 'payload, as far as it was captured',
    frame: octetsInEach(tcp, (s, at, end) => captured(s, at + headerLength(s, at), end)),
  },
  { name: 'tcp.time_relative', kind: 'duration', title: 'since the first segment of the connection', columns: row(sinceFirst) },
  { name: 'tcp.time_delta', kind: 'duration', title: 'since the segment before in the connection', columns: row(sincePrevious) },
  ...ANALYSIS_FIELDS,
  ...CONNECTION_FIELDS,
];
