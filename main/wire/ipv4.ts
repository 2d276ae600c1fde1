import { internetChecksum } from './checksum.ts';
import { type IpAddress, ipAddressBytes, ipv4AddressAt } from './ip-address.ts';
import { readU16, roomFor, writeU16 } from './octets.ts';
import { err, ok, type Result } from './result.ts';
import { badLength, truncated, type WireError } from './wire-error.ts';

/** Octet offsets from the start of the IPv4 header (RFC 791 §3.1). */
const At = {
  version: 0,
  trafficClass: 1,
  totalLength: 2,
  identification: 4,
  fragment: 6,
  ttl: 8,
  protocol: 9,
  checksum: 10,
  src: 12,
  dst: 16,
  options: 20,
} as const;

export const MIN_IPV4_HEADER = 20;

/** An IPv4 header as a value. Lengths are not fields: they follow from `options` and the payload. */
export interface Ipv4Header {
  /** DSCP and ECN (RFC 2474, RFC 3168). */
  readonly trafficClass: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** Where this fragment starts in the whole packet's payload, in octets (a multiple of 8). */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** As on the wire, a multiple of four octets. */
  readonly options: Uint8Array;
}

export interface Ipv4Packet {
  readonly header: Ipv4Header;
  /** A view of the octets after the header, as far as the total length goes; padding of the link is left out. */
  readonly payload: Uint8Array;
}

/** Reads an IPv4 packet. The header checksum is not judged: `internetChecksum` over the header gives 0 when it is right. */
export function decodeIpv4(bytes: Uint8Array): Result<Ipv4Packet, WireError> {
  if (bytes.length < MIN_IPV4_HEADER) return err(truncated('IPv4 header', MIN_IPV4_HEADER, bytes.length));
  const version = bytes[At.version]! >> 4;
  if (version !== 4) return err({ kind: 'bad-version', expected: 4, found: version });
  const headerLength = (bytes[At.version]! & 0x0f) * 4;
  if (headerLength < MIN_IPV4_HEADER) return err(badLength('IPv4 header length', headerLength));
  const totalLength = readU16(bytes, At.totalLength);
  if (totalLength < headerLength) return err(badLength('IPv4 total length', totalLength));
  if (totalLength > bytes.length) return err(truncated('IPv4 packet', totalLength, bytes.length));
  const fragment = readU16(bytes, At.fragment);
  return ok({
    header: {
      trafficClass: bytes[At.trafficClass]!,
      identification: readU16(bytes, At.identification),
      dontFragment: (fragment & 0x4000) !== 0,
      moreFragments: (fragment & 0x2000) !== 0,
      fragmentOffset: (fragment & 0x1fff) * 8,
      ttl: bytes[At.ttl]!,
      protocol: bytes[At.protocol]!,
      src: ipv4AddressAt(bytes, At.src),
      dst: ipv4AddressAt(bytes, At.dst),
      options: bytes.slice(At.options, headerLength),
    },
    payload: bytes.subarray(headerLength, totalLength),
  });
}

/** Writes a packet with its header checksum, into `out` when it has room. */
export function encodeIpv4(header: Ipv4Header, payload: Uint8Array, out?: Uint8Array): Uint8Array {
  const headerLength = MIN_IPV4_HEADER + header.options.length;
  if (headerLength > 60 || headerLength % 4 !== 0) throw new Error(`IPv4 options of ${header.options.length} octets do not fit a header`);
  if (headerLength + payload.length > 0xffff) throw new Error(`an IPv4 packet cannot hold ${payload.length} octets`);
  const bytes = roomFor(headerLength + payload.length, out);
  bytes[At.version] = 0x40 | (headerLength / 4);
  bytes[At.trafficClass] = header.trafficClass;
  writeU16(bytes, At.totalLength, bytes.length);
  writeU16(bytes, At.identification, header.identification);
  writeU16(bytes, At.fragment, (header.dontFragment ? 0x4000 : 0) | (header.moreFragments ? 0x2000 : 0) | (header.fragmentOffset / 8));
  bytes[At.ttl] = header.ttl;
  bytes[At.protocol] = header.protocol;
  writeU16(bytes, At.checksum, 0);
  bytes.set(ipAddressBytes(header.src), At.src);
  bytes.set(ipAddressBytes(header.dst), At.dst);
  bytes.set(header.options, At.options);
  writeU16(bytes, At.checksum, internetChecksum(bytes, 0, headerLength));
  bytes.set(payload, headerLength);
  return bytes;
}
