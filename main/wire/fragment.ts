import { IpProtocol } from './ip-protocol.ts';
import { extensionHeaderLength, isExtensionHeader } from './ipv6.ts';
import type { Located } from './locate.ts';
import { readU16, readU32 } from './octets.ts';

/** Where one fragment belongs (RFC 791 §3.1, RFC 8200 §4.5), read in place. One record is reused for every fragment. */
export interface Fragment {
  /** Octets before it in the datagram, a multiple of 8. */
  offset: number;
  /** It is not the last. */
  more: boolean;
  identification: number;
  /** What the datagram carries: protocol, or with IPv6 the next header. Of an IPv6 datagram only the first fragment's counts. */
  protocol: number;
  /** Offset in `data` of its octets. */
  at: number;
  /** How many they are by the IP header. 0 or less where it does not tell. */
  length: number;
  /** How many of them are in the capture. */
  captured: number;
}

export const emptyFragment = (): Fragment => ({ offset: 0, more: false, identification: 0, protocol: 0, at: 0, length: 0, captured: 0 });

/**
 * Reads a packet that `locateTcp` found to be a fragment, in a frame of which the octets before `end` were captured; those before
 * `wireEnd` it had on the wire, and a fragment that claims more tells no length.
 */
export function readFragment(data: Uint8Array, located: Located, end: number, wireEnd: number, out: Fragment): void {
  if (located.ipVersion === 4) readIpv4(data, located.ip, out);
  else readIpv6(data, located.ip, out);
  if (out.at + out.length > wireEnd) out.length = 0;
  out.captured = Math.max(0, Math.min(out.length, end - out.at));
}

function readIpv4(data: Uint8Array, ip: number, out: Fragment): void {
  const headerLength = (data[ip]! & 0x0f) * 4;
  const field = readU16(data, ip + 6);
  out.offset = (field & 0x1fff) * 8;
  out.more = (field & 0x2000) !== 0;
  out.identification = readU16(data, ip + 4);
  out.protocol = data[ip + 9]!;
  out.at = ip + headerLength;
  out.length = readU16(data, ip + 2) - headerLength;
}

function readIpv6(data: Uint8Array, ip: number, out: Fragment): void {
  let next = data[ip + 6]!;
  let at = ip + 40;
  for (; next !== IpProtocol.FRAGMENT && isExtensionHeader(next); ) {
    const size = extensionHeaderLength(next, data[at + 1]!);
    next = data[at]!;
    at += size;
  }
  const field = readU16(data, at + 2);
  out.offset = field & 0xfff8;
  out.more = (field & 1) !== 0;
  out.identification = readU32(data, at + 4);
  out.protocol = data[at]!;
  out.at = at + 8;
  out.length = ip + 40 + readU16(data, ip + 4) - out.at;
}
