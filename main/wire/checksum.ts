import { type IpAddress, ipAddressBytes } from './ip-address.ts';

/** The addresses that a transport checksum covers beside the segment itself. */
export interface PseudoHeader {
  readonly src: IpAddress;
  readonly dst: IpAddress;
}

/**
 * Adds the 16-bit words of bytes[start, end) to `sum` (RFC 1071 §1); an odd last octet is padded with zero. The sum
 * stays exact as a number for any packet, so it is folded only once, at the end.
 */
export function sumWords(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  let at = start;
  for (; at + 1 < end; at += 2) total += (bytes[at]! << 8) | bytes[at + 1]!;
  if (at < end) total += bytes[at]! << 8;
  return total;
}

/** Ends a sum: carries folded back in, ones' complement (RFC 1071 §1). Zero means that a received packet checks out. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

export const internetChecksum = (bytes: Uint8Array, start = 0, end = bytes.length): number => foldChecksum(sumWords(bytes, start, end));

/** The pseudo header's share of the sum: RFC 9293 §3.1 for IPv4, RFC 8200 §8.1 for IPv6. `length` counts header and payload. */
export function pseudoHeaderSum(pseudo: PseudoHeader, protocol: number, length: number): number {
  const src = ipAddressBytes(pseudo.src);
  const dst = ipAddressBytes(pseudo.dst);
  const addresses = sumWords(dst, 0, dst.length, sumWords(src, 0, src.length));
  return addresses + protocol + (length >>> 16) + (length & 0xffff);
}

/** The checksum of a TCP, UDP or ICMPv6 message whose own checksum field is zero; 0 when the field is filled in and right. */
export const transportChecksum = (pseudo: PseudoHeader, protocol: number, message: Uint8Array): number =>
  foldChecksum(sumWords(message, 0, message.length, pseudoHeaderSum(pseudo, protocol, message.length)));
