import { ipv6AddressAt } from '../../wire/ip-address.ts';
import { readU16, readU32 } from '../../wire/octets.ts';
import { cutShort, type Dissection, type Finding, malformed } from './dissection.ts';
import { hex } from './hex.ts';

/** How far to the next header, and the packet's payload length where a jumbo option gave it. */
export interface Step {
  readonly advance: number;
  readonly jumbo?: number;
}

const optionsLength = (d: Dissection, at: number): number => (d.data[at + 1]! + 1) * 8;

/** RFC 8200 §4.3. With a payload length of zero a jumbo option (RFC 2675 §2) must be among the options. */
export function printHopByHop(d: Dissection, at: number, end: number, payloadLength: number): Step | Finding {
  if (at + 2 > end) return cutShort(d, 'hbhopt');
  const length = optionsLength(d, at);
  if (at + length > end) return cutShort(d, 'hbhopt');
  d.text += 'HBH ';
  const jumbo = readJumbo(d.data, at + 2, at + length);
  if (jumbo === 'malformed') return cutShort(d, 'hbhopt');
  if (payloadLength !== 0) return { advance: length };
  // A jumbo length that would fit the ordinary field is no jumbo length.
  if (jumbo < 65_536) return malformed(d, '[No valid Jumbo Payload Hop-by-Hop option found] (invalid)');
  return { advance: length, jumbo };
}

/** The first jumbo option's length, 0 when there is none. */
function readJumbo(data: Uint8Array, start: number, end: number): number | 'malformed' {
  let jumbo = 0;
  for (let at = start; at < end; ) {
    const code = data[at]!;
    if (code === 0) {
      at++;
      continue;
    }
    const length = at + 1 < end ? data[at + 1]! + 2 : 0;
    if (length === 0 || at + length > end) return 'malformed';
    if (code === 0xc2) {
      if (length !== 6) return 'malformed';
      if (jumbo === 0) jumbo = readU32(data, at + 2);
    }
    at += length;
  }
  return jumbo;
}

/** RFC 8200 §4.6. */
export function printDestinationOptions(d: Dissection, at: number, end: number): Step | Finding {
  if (at + 2 > end || at + optionsLength(d, at) > end) return cutShort(d, 'dstopt');
  d.text += 'DSTOPT ';
  return { advance: optionsLength(d, at) };
}

/** RFC 8200 §4.5: "frag (offset|length) ". Only the first fragment has a TCP header behind it. */
export function printFragment(d: Dissection, at: number, packet: number, end: number, payloadLength: number): Step | Finding {
  if (at + 8 > end) return cutShort(d, 'frag6');
  const offset = readU16(d.data, at + 2) & 0xfff8;
  if (offset !== 0) return 'nothing';
  d.text += `frag (${offset}|${40 + payloadLength - (at - packet) - 8}) `;
  return { advance: 8 };
}

/** RFC 8200 §4.4; types 0 (RFC 5095 retired it), 2 (RFC 6275) and 4 (RFC 8754) are told apart. */
export function printRouting(d: Dissection, at: number, end: number): Step | Finding {
  const { data } = d;
  d.text += 'RT6';
  if (at + 8 > end) return cutShort(d, 'rt6');
  const length = data[at + 1]!;
  const type = data[at + 2]!;
  d.text += ` (len=${length}, type=${type}${type === 0 ? ' [Deprecated]' : ''}, segleft=${data[at + 3]}`;
  if (type === 0 || type === 2) {
    const reserved = readU32(data, at + 4);
    if (reserved !== 0) d.text += `, rsv=0x${reserved.toString(16)}`;
  } else if (type === 4) {
    const flags = data[at + 5]!;
    d.text += `, last-entry=${data[at + 4]}${flags === 0 ? '' : `, flags=0x${flags.toString(16)}`}, tag=${readU16(data, at + 6).toString(16)}`;
  } else return malformed(d, ' (unknown type) (invalid)');
  if (length % 2 === 1) return malformed(d, ` (invalid length ${length}) (invalid)`);
  for (let i = 0, address = at + 8; i < length / 2; i++, address += 16) {
    if (address + 16 > end) return cutShort(d, 'rt6');
    d.text += `, [${i}]${ipv6AddressAt(data, address)}`;
  }
  d.text += ') ';
  return { advance: (length + 1) * 8 };
}

/** The authentication header (RFC 4302 §2), in IPv4 and IPv6 alike. */
export function printAuthentication(d: Dissection, at: number, end: number): Step | Finding {
  const { data } = d;
  d.text += 'AH';
  if (at + 12 > end) return cutShort(d, 'ah');
  const length = (data[at + 1]! + 2) * 4;
  if (at + length > end) return cutShort(d, 'ah');
  const reserved = readU16(data, at + 2);
  if (reserved !== 0) d.text += `(reserved=0x${reserved.toString(16)}[MustBeZero],`;
  else d.text += '(';
  const spi = readU32(data, at + 4)
    .toString(16)
    .padStart(8, '0');
  d.text += `spi=0x${spi},seq=0x${readU32(data, at + 8).toString(16)},icv=0x${hex(data, at + 12, at + length)}): `;
  return { advance: length };
}
