import { foldChecksum, sumWords } from './checksum.ts';
import { IpProtocol } from './ip-protocol.ts';
import { extensionHeaderLength } from './ipv6.ts';
import type { Located } from './locate.ts';
import { readU16 } from './octets.ts';

/**
 * What the checksum of a captured segment is. `partial`: 0, or the sum of the pseudo header alone, as a sender leaves it that
 * has its network card finish it. `unverified`: the segment was not captured whole, or its last destination is not in the IP header.
 */
export type ChecksumStatus = 'good' | 'bad' | 'partial' | 'unverified';

/** Octets before the addresses, and octets of both of them. */
const ADDRESSES = { ipv4: { at: 12, octets: 8, header: 20 }, ipv6: { at: 8, octets: 32, header: 40 } } as const;

/** The pseudo header of a located segment, without its length (RFC 9293 §3.1, RFC 8200 §8.1): some ten words, so no sum overflows. */
function addressSum(data: Uint8Array, { ip, ipVersion }: Located): number {
  const { at, octets } = ipVersion === 4 ? ADDRESSES.ipv4 : ADDRESSES.ipv6;
  let sum: number = IpProtocol.TCP;
  for (let word = ip + at; word < ip + at + octets; word += 2) sum += (data[word]! << 8) | data[word + 1]!;
  return sum;
}

/** The IP header tells the last destination: there are no IPv4 options and no IPv6 routing header on its way, which may name another. */
function tellsDestination(data: Uint8Array, { ip, ipVersion, ipHeaderLength }: Located): boolean {
  if (ipVersion === 4) return ipHeaderLength === ADDRESSES.ipv4.header;
  let next = data[ip + 6]!;
  for (let at = ip + ADDRESSES.ipv6.header; at < ip + ipHeaderLength; ) {
    if (next === IpProtocol.ROUTING && data[at + 3] !== 0) return false; // segments left to visit
    at += extensionHeaderLength(next, data[at + 1]!);
    next = data[at]!;
  }
  return true;
}

/**
 * A host sums with the length of the segment, or without it where it is to be cut into several, and stores the sum as it is,
 * not its complement; some leave 0.
 */
const isPartial = (field: number, addresses: number, length: number): boolean =>
  field === 0 || field === folded(addresses + (length >>> 16) + (length & 0xffff)) || field === folded(addresses);

/** A small sum with its carries folded back in, as it is. */
function folded(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** The checksum of a located segment was left to the network card. Reads headers only; one right checksum in 20,000 looks alike. */
export const hasPartialChecksum = (data: Uint8Array, located: Located): boolean =>
  located.captured >= 18 &&
  tellsDestination(data, located) &&
  isPartial(readU16(data, located.tcp + 16), addressSum(data, located), located.tcpLength);

/** Judges the checksum of a located segment by all its octets. */
export function tcpChecksumStatus(data: Uint8Array, located: Located): ChecksumStatus {
  const { tcp, tcpLength, captured } = located;
  if (captured < tcpLength || tcpLength < 20 || !tellsDestination(data, located)) return 'unverified';
  const addresses = addressSum(data, located);
  const sum = sumWords(data, tcp, tcp + tcpLength, addresses + (tcpLength >>> 16) + (tcpLength & 0xffff));
  if (foldChecksum(sum) === 0) return 'good';
  return isPartial(readU16(data, tcp + 16), addresses, tcpLength) ? 'partial' : 'bad';
}
