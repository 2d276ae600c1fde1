import { Life } from '../../connection-store.ts';
import type { Subject } from '../subject.ts';
import type { Values } from '../values.ts';
import { bits, both, carriedBy, exactly, type Field, inEach, octetsInEach, type Reader, type Slot, u8, u16, u32 } from './field.ts';

const v4 = (read: (s: Subject, at: number) => number): Reader => inEach((l) => l.ipv4, read);
const v6 = (read: (s: Subject, at: number) => number): Reader => inEach((l) => l.ipv6, read);
const isV6 = (s: Subject): boolean => s.connection.has(Life.IPV6);

/** The address of a segment's sender, or of its receiver, from the connection. */
const address4 =
  (source: boolean): Slot =>
  (s) =>
    isV6(s) ? Number.NaN : s.connection.address(s.fromSecond === source, 0) >>> 0;

/** The octets are written anew for every frame. */
function address6(source: boolean): (s: Subject, out: Values) => void {
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  return (s, out) => {
    if (!isV6(s)) return;
    for (let word = 0; word < 4; word++) view.setInt32(4 * word, s.connection.address(s.fromSecond === source, word));
    out.add(octets);
  };
}

const frame4 = (offset: number): Reader => v4((s, at) => u32(s, at + offset));
const frame6 = (offset: number): Reader =>
  octetsInEach(
    (l) => l.ipv6,
    (s, at) => exactly(s, at + offset, 16),
  );

const sourceOf6 = address6(true);
const destinationOf6 = address6(false);

const flag = (shift: number): Reader => v4((s, at) => bits(u8(s, at + 6), shift, 1));
const byte = (offset: number, shift = 0, mask = 0xff): Reader => v4((s, at) => bits(u8(s, at + offset), shift, mask));
const short = (offset: number): Reader => v4((s, at) => u16(s, at + offset));

const version6 = v6((s, at) => bits(u8(s, at), 4, 15));

/** Zero: left to the network card, and then it is what the frame holds. */
const totalLength = (s: Subject, at: number): number => {
  const written = u16(s, at + 2);
  return written === 0 ? s.start + s.original - at : written;
};

const IPV4_FIELDS: readonly Field[] = [
  {
    name: 'ip',
    kind: 'protocol',
    title: 'IPv4: its header',
    columns: { has: (s) => !isV6(s) },
    frame: octetsInEach(
      (l) => l.ipv4,
      (s, at, end) => exactly(s, at, end - at),
    ),
    carrying: carriedBy((l) => l.ipv4),
  },
  { name: 'ip.src', kind: 'ipv4', title: 'source', columns: { slots: [address4(true)] }, frame: frame4(12) },
  { name: 'ip.dst', kind: 'ipv4', title: 'destination', columns: { slots: [address4(false)] }, frame: frame4(16) },
  {
    name: 'ip.addr',
    kind: 'ipv4',
    title: 'source or destination',
    columns: { slots: [address4(true), address4(false)] },
    frame: both(frame4(12), frame4(16)),
  },
  { name: 'ip.version', kind: 'unsigned', bits: 8, title: 'version, 4 or 6', frame: both(byte(0, 4, 15), version6) },
  { name: 'ip.hdr_len', kind: 'unsigned', bits: 8, title: 'octets of the header', frame: v4((s, at) => (u8(s, at) & 15) * 4) },
  { name: 'ip.dsfield', kind: 'unsigned', bits: 8, title: 'differentiated services', frame: byte(1) },
  { name: 'ip.dsfield.dscp', kind: 'unsigned', bits: 8, title: 'DSCP', frame: byte(1, 2, 63) },
  { name: 'ip.dsfield.ecn', kind: 'unsigned', bits: 8, title: 'ECN', frame: byte(1, 0, 3) },
  { name: 'ip.len', kind: 'unsigned', bits: 32, title: 'total length', frame: v4(totalLength) },
  { name: 'ip.id', kind: 'unsigned', bits: 16, title: 'identification', frame: short(4) },
  { name: 'ip.flags', kind: 'unsigned', bits: 8, title: 'the three flags', frame: byte(6, 5, 7) },
  { name: 'ip.flags.rb', kind: 'boolean', title: 'reserved bit', frame: flag(7) },
  { name: 'ip.flags.df', kind: 'boolean', title: 'do not fragment', frame: flag(6) },
  { name: 'ip.flags.mf', kind: 'boolean', title: 'more fragments', frame: flag(5) },
  {
    name: 'ip.frag_offset',
    kind: 'unsigned',
    bits: 16,
    title: 'fragment offset, in units of eight octets',
    frame: v4((s, at) => bits(u16(s, at + 6), 0, 0x1fff)),
  },
  { name: 'ip.ttl', kind: 'unsigned', bits: 8, title: 'time to live', frame: byte(8) },
  { name: 'ip.proto', kind: 'unsigned', bits: 8, title: 'protocol number', frame: byte(9) },
  { name: 'ip.checksum', kind: 'unsigned', bits: 16, title: 'header checksum', frame: short(10) },
];

const IPV6_FIELDS: readonly Field[] = [
  {
    name: 'ipv6',
    kind: 'protocol',
    title: 'IPv6: its fixed header',
    columns: { has: isV6 },
    frame: octetsInEach(
      (l) => l.ipv6,
      (s, at) => exactly(s, at, 40),
    ),
    carrying: carriedBy((l) => l.ipv6),
  },
  { name: 'ipv6.src', kind: 'ipv6', title: 'source', columns: { list: sourceOf6 }, frame: frame6(8) },
  { name: 'ipv6.dst', kind: 'ipv6', title: 'destination', columns: { list: destinationOf6 }, frame: frame6(24) },
  {
    name: 'ipv6.addr',
    kind: 'ipv6',
    title: 'source or destination',
    columns: both({ list: sourceOf6 }, { list: destinationOf6 }),
    frame: both(frame6(8), frame6(24)),
  },
  { name: 'ipv6.version', kind: 'unsigned', bits: 8, title: 'version, 6', frame: version6 },
  { name: 'ipv6.tclass', kind: 'unsigned', bits: 32, title: 'traffic class', frame: v6((s, at) => bits(u32(s, at), 20, 255)) },
  { name: 'ipv6.tclass.dscp', kind: 'unsigned', bits: 32, title: 'DSCP', frame: v6((s, at) => bits(u32(s, at), 22, 63)) },
  { name: 'ipv6.tclass.ecn', kind: 'unsigned', bits: 32, title: 'ECN', frame: v6((s, at) => bits(u32(s, at), 20, 3)) },
  { name: 'ipv6.flow', kind: 'unsigned', bits: 24, title: 'flow label', frame: v6((s, at) => bits(u32(s, at), 0, 0xfffff)) },
  { name: 'ipv6.plen', kind: 'unsigned', bits: 16, title: 'payload length', frame: v6((s, at) => u16(s, at + 4)) },
  { name: 'ipv6.nxt', kind: 'unsigned', bits: 8, title: 'next header', frame: v6((s, at) => u8(s, at + 6)) },
  { name: 'ipv6.hlim', kind: 'unsigned', bits: 8, title: 'hop limit', frame: v6((s, at) => u8(s, at + 7)) },
];

export const IP_FIELDS: readonly Field[] = [...IPV4_FIELDS, ...IPV6_FIELDS];
