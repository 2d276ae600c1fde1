import fc from 'fast-check';
import { transportChecksum } from '../../wire/checksum.ts';
import { ip } from '../../wire/ip-address.ts';
import { Flag, type Segment, type TcpOption } from '../../wire/segment.ts';
import { seq } from '../../wire/seq.ts';
import { optionsLength } from '../../wire/tcp-options.ts';
import { encodePacket, type Packet, readPacket } from '../network/packet.ts';

const LOCAL = ip('10.0.0.1');
const PEER = ip('10.0.0.2');

/** What the connection looks like to one who can see it: from here a hostile segment takes aim. */
export interface Aim {
  readonly localPort: number;
  readonly remotePort: number;
  readonly rcvNxt: number;
  readonly rcvWnd: number;
  readonly sndUna: number;
  readonly sndNxt: number;
  readonly irs: number;
  readonly iss: number;
  /** The last timestamp the host sent. */
  readonly stamp: number;
}

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

/** A little to one side or the other, a segment or a window away, half round the circle, or anywhere. */
const offset = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 3, arbitrary: fc.integer({ min: -3000, max: 3000 }) },
  { weight: 2, arbitrary: fc.integer({ min: -70_000, max: 70_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0x7fff_ffff, 0x8000_0000, -0x8000_0000) },
  { weight: 1, arbitrary: u32 },
);

const seqEdge = fc.constantFrom('rcvNxt', 'rcvNxt', 'rcvNxt', 'windowEnd', 'irs', 'zero');
const ackEdge = fc.constantFrom('sndNxt', 'sndNxt', 'sndUna', 'iss', 'zero');

/** Every combination of the nine flags, and more often those that conversations are made of. */
const flags = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x1ff }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      Flag.ACK,
      Flag.ACK,
      Flag.ACK | Flag.PSH,
      Flag.ACK | Flag.FIN,
      Flag.ACK | Flag.URG,
      Flag.SYN,
      Flag.SYN | Flag.ACK,
      Flag.RST,
      Flag.RST | Flag.ACK,
      Flag.FIN,
    ),
  },
);

const option: fc.Arbitrary<TcpOption | 'stamps'> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('stamps' as const) },
  fc.constantFrom<TcpOption>({ kind: 'nop' }, { kind: 'end' }, { kind: 'sack-permitted' }),
  fc.record({ kind: fc.constant('mss' as const), octets: u16 }),
  fc.record({ kind: fc.constant('window-scale' as const), shift: u8 }),
  fc.record({ kind: fc.constant('timestamps' as const), value: u32, echo: u32 }),
  fc.record({
    kind: fc.constant('fast-open' as const),
    cookie: fc.uint8Array({ maxLength: 16 }),
    experimental: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('unknown' as const), code: fc.integer({ min: 9, max: 255 }), body: fc.uint8Array({ maxLength: 6 }) }),
);
/** Edges as distances from SND.UNA, so that some name what is under way. */
const sackBlocks = fc.array(fc.record({ left: offset, right: offset }), { maxLength: 3 });

const words = fc.record({
  seqEdge,
  seqOffset: offset,
  ackEdge,
  ackOffset: offset,
  flags,
  window: fc.oneof(fc.constantFrom(0, 1, 0xffff), u16),
  urgent: fc.oneof(fc.constantFrom(0, 1, 0xffff), u16),
  options: fc.array(option, { maxLength: 3 }),
  sack: fc.option(sackBlocks, { freq: 3 }),
  octets: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3000 })),
  /** Usually the connection's own; else a stranger's, or for another service. */
  stranger: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }) }),
  otherService: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
type Words = typeof words extends fc.Arbitrary<infer T> ? T : never;

const overwritten = fc.array(fc.record({ at: fc.integer({ min: 0, max: 90 }), octet: u8 }), { minLength: 1, maxLength: 4 });

const way = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ as: 'segment' as const }) },
  { weight: 3, arbitrary: fc.record({ as: fc.constant('octets' as const), overwritten }) },
  { weight: 2, arbitrary: fc.record({ as: fc.constant('quotation' as const), code: fc.integer({ min: 0, max: 15 }), mtu: u16 }) },
  { weight: 1, arbitrary: fc.record({ as: fc.constant('time-exceeded' as const), octets: fc.integer({ min: 0, max: 60 }) }) },
);

/** One hostile packet: a segment, octets that once were one, or an ICMP error that quotes one. */
export const hostile = fc.record({ words, way });
export type Hostile = typeof hostile extends fc.Arbitrary<infer T> ? T : never;

const OCTETS = Uint8Array.from({ length: 3000 }, (_, i) => i);

/** As many as a header holds. */
function fitting(options: TcpOption[]): readonly TcpOption[] {
  while (optionsLength(options) > 40) options.pop();
  return options;
}

function segmentOf(w: Words, aim: Aim): Segment {
  const starts = { ...aim, windowEnd: aim.rcvNxt + aim.rcvWnd, zero: 0 };
  const options = w.options.map((o): TcpOption => (o === 'stamps' ? { kind: 'timestamps', value: 1, echo: aim.stamp } : o));
  if (w.sack) {
    const blocks = w.sack.map(({ left, right }) => ({ left: seq(aim.sndUna + left), right: seq(aim.sndUna + right) }));
    options.push({ kind: 'sack', blocks });
  }
  return {
    srcPort: aim.remotePort + w.stranger,
    dstPort: w.otherService ? aim.localPort + 1 : aim.localPort,
    seq: seq(starts[w.seqEdge] + w.seqOffset),
    ack: seq(starts[w.ackEdge] + w.ackOffset),
    flags: w.flags,
    window: w.window,
    urgent: w.urgent,
    options: fitting(options),
    payload: OCTETS.subarray(0, w.octets),
  };
}

/** A segment of the host's own, as an ICMP error would quote it: its numbers are the connection's the other way round. */
function quotation(w: Words, aim: Aim): Uint8Array {
  const segment = segmentOf(w, aim);
  const { srcPort: dstPort, dstPort: srcPort, seq: ack, ack: number } = segment;
  return encodePacket({ src: LOCAL, dst: PEER, segment: { ...segment, srcPort, dstPort, seq: number, ack } });
}

/** What is to arrive; undefined where the octets are no packet any more, which a host would have seen too. */
export function packetOf({ words: w, way: how }: Hostile, aim: Aim): Packet | undefined {
  switch (how.as) {
    case 'segment':
      return { src: PEER, dst: LOCAL, segment: segmentOf(w, aim) };
    case 'octets':
      return rewritten({ src: PEER, dst: LOCAL, segment: segmentOf(w, aim) }, how.overwritten);
    case 'quotation': {
      const { code, mtu } = how;
      return { src: PEER, dst: LOCAL, icmp: { kind: 'unreachable', code, mtu, original: quotation(w, aim) } };
    }
    case 'time-exceeded':
      return { src: PEER, dst: LOCAL, icmp: { kind: 'time-exceeded', code: 0, original: quotation(w, aim).subarray(0, how.octets) } };
  }
}

/** Some octets overwritten on the way, by somebody who knows how to make the checksum right again. */
function rewritten(packet: Packet, changes: readonly { at: number; octet: number }[]): Packet | undefined {
  const octets = encodePacket(packet);
  const header = (octets[0]! & 0x0f) * 4;
  for (const { at, octet } of changes) if (header + at < octets.length) octets[header + at] = octet;
  octets[header + 16] = 0;
  octets[header + 17] = 0;
  const sum = transportChecksum({ src: packet.src, dst: packet.dst }, 6, octets.subarray(header));
  octets[header + 16] = sum >> 8;
  octets[header + 17] = sum & 0xff;
  const read = readPacket(octets);
  return read.ok ? read.value : undefined;
}
