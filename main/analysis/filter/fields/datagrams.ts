import type { Layers, Places } from '../layers.ts';
import type { Subject } from '../subject.ts';
import { both, captured, carriedBy, exactly, type Field, inEach, octetsInEach, type Reader, u8, u16, u32 } from './field.ts';

type Pick = (layers: Layers) => Places;
const udp: Pick = (l) => l.udp;
const icmp: Pick = (l) => l.icmp;
const icmpv6: Pick = (l) => l.icmpv6;

const short = (places: Pick, offset: number): Reader => inEach(places, (s, at) => u16(s, at + offset));
const byte = (places: Pick, offset: number): Reader => inEach(places, (s, at) => u8(s, at + offset));

/** A field that only messages of some types have. */
const ofTypes = (places: Pick, types: readonly number[], read: (s: Subject, at: number) => number): Reader =>
  inEach(places, (s, at) => (types.includes(u8(s, at)) ? read(s, at) : Number.NaN));

const ECHO = [0, 8];
const ECHO_V6 = [128, 129];
/** The messages of ICMP that have an identifier: echo, timestamp, information, address mask. */
const IDENTIFIED = [...ECHO, 13, 14, 15, 16, 17, 18];

export const DATAGRAM_FIELDS: readonly Field[] = [
  {
    name: 'udp',
    kind: 'protocol',
    title: 'UDP: its header',
    frame: octetsInEach(udp, (s, at) => exactly(s, at, 8)),
    carrying: carriedBy(udp),
  },
  { name: 'udp.srcport', kind: 'unsigned', bits: 16, title: 'source port', frame: short(udp, 0) },
  { name: 'udp.dstport', kind: 'unsigned', bits: 16, title: 'destination port', frame: short(udp, 2) },
  { name: 'udp.port', kind: 'unsigned', bits: 16, title: 'source or destination port', frame: both(short(udp, 0), short(udp, 2)) },
  { name: 'udp.length', kind: 'unsigned', bits: 16, title: 'octets of header and payload', frame: short(udp, 4) },
  { name: 'udp.checksum', kind: 'unsigned', bits: 16, title: 'checksum', frame: short(udp, 6) },
  {
    name: 'udp.payload',
    kind: 'bytes',
    title: 'payload',
    frame: octetsInEach(udp, (s, at, end) => captured(s, at + 8, Math.min(end, at + u16(s, at + 4)))),
  },
  { name: 'icmp', kind: 'label', title: 'ICMP', frame: { has: (s) => s.layers.icmp.count > 0 } },
  { name: 'icmp.type', kind: 'unsigned', bits: 8, title: 'type', frame: byte(icmp, 0) },
  { name: 'icmp.code', kind: 'unsigned', bits: 8, title: 'code', frame: byte(icmp, 1) },
  { name: 'icmp.checksum', kind: 'unsigned', bits: 16, title: 'checksum', frame: short(icmp, 2) },
  {
    name: 'icmp.ident',
    kind: 'unsigned',
    bits: 16,
    title: 'identifier of an echo',
    frame: ofTypes(icmp, IDENTIFIED, (s, at) => u16(s, at + 4)),
  },
  {
    name: 'icmp.seq',
    kind: 'unsigned',
    bits: 16,
    title: 'sequence number of an echo',
    frame: ofTypes(icmp, IDENTIFIED, (s, at) => u16(s, at + 6)),
  },
  {
    name: 'icmp.mtu',
    kind: 'unsigned',
    bits: 16,
    title: 'MTU of the next hop, where fragmentation is needed',
    frame: ofTypes(icmp, [3], (s, at) => (u8(s, at + 1) === 4 ? u16(s, at + 6) : Number.NaN)),
  },
  { name: 'icmpv6', kind: 'label', title: 'ICMPv6', frame: { has: (s) => s.layers.icmpv6.count > 0 } },
  { name: 'icmpv6.type', kind: 'unsigned', bits: 8, title: 'type', frame: byte(icmpv6, 0) },
  { name: 'icmpv6.code', kind: 'unsigned', bits: 8, title: 'code', frame: byte(icmpv6, 1) },
  { name: 'icmpv6.checksum', kind: 'unsigned', bits: 16, title: 'checksum', frame: short(icmpv6, 2) },
  {
    name: 'icmpv6.echo.identifier',
    kind: 'unsigned',
    bits: 16,
    title: 'identifier of an echo',
    frame: ofTypes(icmpv6, ECHO_V6, (s, at) => u16(s, at + 4)),
  },
  {
    name: 'icmpv6.echo.sequence_number',
    kind: 'unsigned',
    bits: 16,
    title: 'sequence number of an echo',
    frame: ofTypes(icmpv6, ECHO_V6, (s, at) => u16(s, at + 6)),
  },
  {
    name: 'icmpv6.mtu',
    kind: 'unsigned',
    bits: 32,
    title: 'MTU, of a packet too big',
    frame: ofTypes(icmpv6, [2], (s, at) => u32(s, at + 4)),
  },
];
