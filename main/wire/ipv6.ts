import { type IpAddress, ipAddressBytes, ipv6AddressAt } from './ip-address.ts';
import { IpProtocol } from './ip-protocol.ts';
import { readU16, readU32, roomFor, writeU16, writeU32 } from './octets.ts';
import { err, ok, type Result } from './result.ts';
import { truncated, type WireError } from './wire-error.ts';

/** Octet offsets from the start of the IPv6 header (RFC 8200 §3). */
const At = { version: 0, payloadLength: 4, nextHeader: 6, hopLimit: 7, src: 8, dst: 24, payload: 40 } as const;

export const IPV6_HEADER = 40;

/** An extension header (RFC 8200 §4): its number, and its octets after the next-header octet, the length octet included. */
export interface ExtensionHeader {
  readonly kind: number;
  readonly body: Uint8Array;
}

export interface Ipv6Header {
  /** DSCP and ECN. */
  readonly trafficClass: number;
  readonly flowLabel: number;
  readonly hopLimit: number;
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly extensions: readonly ExtensionHeader[];
  /** What follows the extension headers. */
  readonly protocol: number;
}

export interface Ipv6Packet {
  readonly header: Ipv6Header;
  /** A view of the octets after the last extension header. After a fragment header with an offset it is not the start of a message. */
  readonly payload: Uint8Array;
}

/** The fields of a fragment header (RFC 8200 §4.5). */
export interface Ipv6Fragment {
  /** Octets, a multiple of 8. */
  readonly offset: number;
  readonly moreFragments: boolean;
  readonly identification: number;
}

export function decodeIpv6(bytes: Uint8Array): Result<Ipv6Packet, WireError> {
  if (bytes.length < IPV6_HEADER) return err(truncated('IPv6 header', IPV6_HEADER, bytes.length));
  const word = readU32(bytes, At.version);
  if (word >>> 28 !== 6) return err({ kind: 'bad-version', expected: 6, found: word >>> 28 });
  const end = IPV6_HEADER + readU16(bytes, At.payloadLength);
  if (end > bytes.length) return err(truncated('IPv6 packet', end, bytes.length));
  const chain = decodeExtensions(bytes, bytes[At.nextHeader]!, end);
  if (!chain.ok) return chain;
  const { extensions, protocol, at } = chain.value;
  return ok({
    header: {
      trafficClass: (word >>> 20) & 0xff,
      flowLabel: word & 0xfffff,
      hopLimit: bytes[At.hopLimit]!,
      src: ipv6AddressAt(bytes, At.src),
      dst: ipv6AddressAt(bytes, At.dst),
      extensions,
      protocol,
    },
    payload: bytes.subarray(at, end),
  });
}

interface Chain {
  readonly extensions: readonly ExtensionHeader[];
  readonly protocol: number;
  readonly at: number;
}

/** Walks the chain up to the first header that is no extension, or to a fragment that does not begin a message. */
function decodeExtensions(bytes: Uint8Array, first: number, end: number): Result<Chain, WireError> {
  const extensions: ExtensionHeader[] = [];
  let kind = first;
  let at: number = At.payload;
  while (isExtensionHeader(kind)) {
    if (at + 8 > end) return err(truncated('IPv6 extension header', 8, end - at));
    const length = extensionHeaderLength(kind, bytes[at + 1]!);
    if (at + length > end) return err(truncated('IPv6 extension header', length, end - at));
    const body = bytes.slice(at + 1, at + length);
    extensions.push({ kind, body });
    const inside = kind === IpProtocol.FRAGMENT && decodeIpv6Fragment(body).offset > 0;
    kind = bytes[at]!;
    at += length;
    if (inside) break;
  }
  return ok({ extensions, protocol: kind, at });
}

export function isExtensionHeader(kind: number): boolean {
  switch (kind) {
    case IpProtocol.HOP_BY_HOP:
    case IpProtocol.ROUTING:
    case IpProtocol.FRAGMENT:
    case IpProtocol.DESTINATION:
    case IpProtocol.AH:
    case IpProtocol.MOBILITY:
    case IpProtocol.HIP:
    case IpProtocol.SHIM6:
      return true;
    default:
      return false;
  }
}

/** A fragment header has a fixed size; AH counts in words of four octets (RFC 4302 §2.2), the others in eights. */
export function extensionHeaderLength(kind: number, lengthField: number): number {
  if (kind === IpProtocol.FRAGMENT) return 8;
  return kind === IpProtocol.AH ? (lengthField + 2) * 4 : (lengthField + 1) * 8;
}

/** Reads the body of a fragment extension header as `decodeIpv6` gives it. */
export function decodeIpv6Fragment(body: Uint8Array): Ipv6Fragment {
  const field = readU16(body, 1);
  return { offset: field & 0xfff8, moreFragments: (field & 1) !== 0, identification: readU32(body, 3) };
}

export function encodeIpv6Fragment(fragment: Ipv6Fragment): ExtensionHeader {
  const body = new Uint8Array(7);
  writeU16(body, 1, (fragment.offset & 0xfff8) | (fragment.moreFragments ? 1 : 0));
  writeU32(body, 3, fragment.identification);
  return { kind: IpProtocol.FRAGMENT, body };
}

/** Writes a packet, into `out` when it has room. */
export function encodeIpv6(header: Ipv6Header, payload: Uint8Array, out?: Uint8Array): Uint8Array {
  const extensionOctets = header.extensions.reduce((sum, extension) => sum + 1 + extension.body.length, 0);
  const payloadLength = extensionOctets + payload.length;
  if (payloadLength > 0xffff) throw new Error(`an IPv6 packet without a jumbo option cannot hold ${payloadLength} octets`);
  const bytes = roomFor(IPV6_HEADER + payloadLength, out);
  writeU32(bytes, At.version, ((6 << 28) | (header.trafficClass << 20) | header.flowLabel) >>> 0);
  writeU16(bytes, At.payloadLength, payloadLength);
  bytes[At.nextHeader] = header.extensions[0]?.kind ?? header.protocol;
  bytes[At.hopLimit] = header.hopLimit;
  bytes.set(ipAddressBytes(header.src), At.src);
  bytes.set(ipAddressBytes(header.dst), At.dst);
  let at: number = At.payload;
  for (const [i, { kind, body }] of header.extensions.entries()) {
    if (extensionHeaderLength(kind, body[0] ?? 0) !== body.length + 1)
      throw new Error(`IPv6 extension header ${kind} does not state its length`);
    bytes[at] = header.extensions[i + 1]?.kind ?? header.protocol;
    bytes.set(body, at + 1);
    at += 1 + body.length;
  }
  bytes.set(payload, at);
  return bytes;
}
