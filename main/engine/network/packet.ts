import { internetChecksum, transportChecksum } from '../../wire/checksum.ts';
import { decodeIcmp, encodeIcmp, ICMP_HEADER, type IcmpMessage } from '../../wire/icmp.ts';
import { decodeIcmpv6, encodeIcmpv6, type Icmpv6Message } from '../../wire/icmpv6.ts';
import { type IpAddress, ipVersionOf } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { decodeIpv4, encodeIpv4, MIN_IPV4_HEADER } from '../../wire/ipv4.ts';
import { decodeIpv6, decodeIpv6Fragment, type ExtensionHeader, encodeIpv6, encodeIpv6Fragment, IPV6_HEADER } from '../../wire/ipv6.ts';
import { err, ok, type Result } from '../../wire/result.ts';
import type { Segment } from '../../wire/segment.ts';
import { decodeSegment, encodeSegment, MIN_TCP_HEADER } from '../../wire/tcp-header.ts';
import { optionsLength } from '../../wire/tcp-options.ts';
import { type Datagram, decodeDatagram, encodeDatagram, UDP_HEADER } from '../../wire/udp.ts';
import type { WireError } from '../../wire/wire-error.ts';

/** What the IP header says beside the addresses. A field that is not there has the usual value. */
export interface IpFields {
  /** Hops it may still take: TTL (RFC 791), hop limit (RFC 8200). Usually 64, Linux's net.ipv4.ip_default_ttl. */
  readonly hops?: number;
  /** DSCP and ECN (RFC 2474, RFC 3168). Usually 0. */
  readonly trafficClass?: number;
  /** IPv4 with DF clear: a router may cut the packet up. Usually false, as Linux sends TCP. */
  readonly mayFragment?: boolean;
  /** Tells the fragments of one packet from those of another. Usually 0. */
  readonly identification?: number;
  /** IPv4 options as on the wire. */
  readonly ipOptions?: Uint8Array;
  /** IPv6 extension headers, a fragment header not among them. */
  readonly extensions?: readonly ExtensionHeader[];
}

interface Addressed extends IpFields {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** Who on this link shall take it, where that is not `dst`: a router. It stands for the link layer's address and is not in the octets. */
  readonly nextHop?: IpAddress;
}

export interface TcpPacket extends Addressed {
  readonly segment: Segment;
  /** The payload is left to the link to be cut into segments of so many octets (Linux gso_size). */
  readonly gsoSize?: number;
  readonly datagram?: undefined;
  readonly icmp?: undefined;
  readonly payload?: undefined;
}

export interface UdpPacket extends Addressed {
  readonly segment?: undefined;
  readonly datagram: Datagram;
  readonly icmp?: undefined;
  readonly payload?: undefined;
}

export interface IcmpPacket extends Addressed {
  readonly segment?: undefined;
  readonly datagram?: undefined;
  /** As the version of the addresses has it. */
  readonly icmp: IcmpMessage | Icmpv6Message;
  readonly payload?: undefined;
}

/** Where a fragment belongs (RFC 791 §3.2, RFC 8200 §4.5). */
export interface FragmentPlace {
  /** Octets, a multiple of 8. */
  readonly offset: number;
  readonly more: boolean;
  readonly identification: number;
}

/** A fragment, or a packet of a protocol the engine does not speak. */
export interface OtherPacket extends Addressed {
  readonly segment?: undefined;
  readonly datagram?: undefined;
  readonly icmp?: undefined;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly fragment?: FragmentPlace;
  /** The segment of TCP it was before a bit of it turned over: for whoever watches, unknown to the receiver. */
  readonly damaged?: Segment;
  /** The IP header does not check out: `payload` is the whole packet as it stands on the wire, and what is said here of it is what it was. */
  readonly headerIsDamaged?: true;
}

/** An IP packet as a value. Octets are made only where somebody needs them. */
export type Packet = TcpPacket | UdpPacket | IcmpPacket | OtherPacket;

/** Takes a packet off one's hands. */
export type Deliver = (packet: Packet) => void;

const NO_OCTETS = new Uint8Array(0);
export const DEFAULT_HOPS = 64; // Linux net.ipv4.ip_default_ttl
const IPV6_FRAGMENT_HEADER = 8;

/** Octets of an IP header without options. */
export const ipHeaderLength = (address: IpAddress): number => (ipVersionOf(address) === 4 ? MIN_IPV4_HEADER : IPV6_HEADER);

export function protocolOf(packet: Packet): number {
  if (packet.segment) return IpProtocol.TCP;
  if (packet.datagram) return IpProtocol.UDP;
  if (packet.icmp) return ipVersionOf(packet.src) === 4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
  return packet.protocol;
}

/** Octets the packet occupies on a link, its IP header included. */
export function packetLength(packet: Packet): number {
  const { src, segment } = packet;
  if (packet.payload && packet.headerIsDamaged) return packet.payload.length;
  const header = ipHeaderLength(src);
  if (segment && !packet.extensions && !packet.ipOptions)
    return header + MIN_TCP_HEADER + ((optionsLength(segment.options) + 3) & ~3) + segment.payload.length;
  return header + optionalHeaders(packet) + payloadLength(packet);
}

function optionalHeaders({ ipOptions, extensions, ...packet }: Packet): number {
  const inExtensions = (extensions ?? []).reduce((sum, { body }) => sum + 1 + body.length, 0);
  const isIpv6Fragment = 'fragment' in packet && packet.fragment && ipVersionOf(packet.src) === 6;
  return (ipOptions?.length ?? 0) + inExtensions + (isIpv6Fragment ? IPV6_FRAGMENT_HEADER : 0);
}

function payloadLength(packet: Packet): number {
  const { segment, datagram, icmp } = packet;
  if (segment) return MIN_TCP_HEADER + ((optionsLength(segment.options) + 3) & ~3) + segment.payload.length;
  if (datagram) return UDP_HEADER + datagram.payload.length;
  if (!icmp) return packet.payload.length;
  if ('original' in icmp) return ICMP_HEADER + icmp.original.length;
  return ICMP_HEADER + ('data' in icmp ? icmp.data.length : icmp.body.length);
}

/** What follows the IP header, with its checksum; written into `out` when it has room. */
export function encodePayload(packet: Packet, out?: Uint8Array): Uint8Array {
  const { src, dst, segment, datagram, icmp } = packet;
  if (segment) return encodeSegment(segment, { src, dst }, out);
  if (datagram) return encodeDatagram(datagram, { src, dst }, out);
  if (!icmp) return packet.payload;
  if (ipVersionOf(src) === 4) return encodeIcmp(icmp as IcmpMessage, out);
  return encodeIcmpv6(icmp as Icmpv6Message, { src, dst }, out);
}

/** The packet as it stands on a wire, from its IP header on; written into `out` when it has room. */
export function encodePacket(packet: Packet, out?: Uint8Array): Uint8Array {
  const { src, dst, trafficClass = 0, hops = DEFAULT_HOPS } = packet;
  if (packet.payload && packet.headerIsDamaged) return packet.payload;
  const headers = ipHeaderLength(src) + (packet.extensions || packet.ipOptions || !packet.segment ? optionalHeaders(packet) : 0);
  const room = out !== undefined && out.length >= packetLength(packet) ? out : undefined;
  const payload = encodePayload(packet, room?.subarray(headers));
  const fragment = packet.payload ? packet.fragment : undefined;
  const protocol = protocolOf(packet);
  if (ipVersionOf(src) === 6) {
    const extensions = [...(packet.extensions ?? [])];
    if (fragment) extensions.push(encodeIpv6Fragment({ ...fragment, moreFragments: fragment.more }));
    return encodeIpv6({ trafficClass, flowLabel: 0, hopLimit: hops, extensions, protocol, src, dst }, payload, room);
  }
  const header = {
    trafficClass,
    identification: fragment?.identification ?? packet.identification ?? 0,
    dontFragment: !packet.mayFragment,
    moreFragments: fragment?.more ?? false,
    fragmentOffset: fragment?.offset ?? 0,
    ttl: hops,
    options: packet.ipOptions ?? NO_OCTETS,
  };
  return encodeIpv4({ ...header, protocol, src, dst }, payload, room);
}

/** Reads what `encodePacket` wrote. Parts of the result are views of `octets`. */
export function decodePacket(octets: Uint8Array): Result<Packet, WireError> {
  const isIpv6 = octets.length > 0 && octets[0]! >> 4 === 6;
  const read = isIpv6 ? decodeIpv6Packet(octets) : decodeIpv4Packet(octets);
  if (!read.ok) return read;
  return read.value.fragment ? read : decodeTransport(read.value);
}

function decodeIpv4Packet(octets: Uint8Array): Result<OtherPacket, WireError> {
  const packet = decodeIpv4(octets);
  if (!packet.ok) return packet;
  const { header, payload } = packet.value;
  const { src, dst, protocol, identification, moreFragments: more, fragmentOffset: offset } = header;
  return ok({
    ...usualLeftOut(header.ttl, header.trafficClass),
    ...(!header.dontFragment && { mayFragment: true }),
    ...(identification !== 0 && { identification }),
    ...(header.options.length > 0 && { ipOptions: header.options }),
    ...((more || offset > 0) && { fragment: { offset, more, identification } }),
    src,
    dst,
    protocol,
    payload,
  });
}

function decodeIpv6Packet(octets: Uint8Array): Result<OtherPacket, WireError> {
  const packet = decodeIpv6(octets);
  if (!packet.ok) return packet;
  const { header, payload } = packet.value;
  const { src, dst, protocol } = header;
  const extensions = header.extensions.filter(({ kind }) => kind !== IpProtocol.FRAGMENT);
  const fragmentHeader = header.extensions.find(({ kind }) => kind === IpProtocol.FRAGMENT);
  const part = fragmentHeader && decodeIpv6Fragment(fragmentHeader.body);
  // A fragment header around a whole packet changes nothing (RFC 6946).
  const isPart = part !== undefined && (part.moreFragments || part.offset > 0);
  return ok({
    ...usualLeftOut(header.hopLimit, header.trafficClass),
    ...(extensions.length > 0 && { extensions }),
    ...(isPart && { fragment: { offset: part.offset, more: part.moreFragments, identification: part.identification } }),
    src,
    dst,
    protocol,
    payload,
  });
}

/** A value that went over a wire equals the one that did not. */
const usualLeftOut = (hops: number, trafficClass: number): IpFields => ({
  ...(hops !== DEFAULT_HOPS && { hops }),
  ...(trafficClass !== 0 && { trafficClass }),
});

/** Reads the transport's part of a whole packet. */
export function decodeTransport(packet: OtherPacket): Result<Packet, WireError> {
  const { protocol, payload, fragment: _whole, ...about } = packet;
  const isIpv4 = ipVersionOf(packet.src) === 4;
  if (protocol === IpProtocol.TCP) {
    const segment = decodeSegment(payload);
    return segment.ok ? ok({ ...about, segment: segment.value }) : segment;
  }
  if (protocol === IpProtocol.UDP) {
    const datagram = decodeDatagram(payload);
    return datagram.ok ? ok({ ...about, datagram: datagram.value }) : datagram;
  }
  if (protocol === (isIpv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6)) {
    const icmp = isIpv4 ? decodeIcmp(payload) : decodeIcmpv6(payload);
    return icmp.ok ? ok({ ...about, icmp: icmp.value }) : icmp;
  }
  return ok(packet);
}

/** Why octets that came off a wire are no packet. */
export type Unreadable = 'malformed' | 'bad-checksum';

/**
 * A host's judgement of octets from outside, in the order of the headers: form, IPv4's checksum, the transport's checksum.
 * A fragment has none of its own; it is judged when the packet is whole. Nothing that is put in makes it throw.
 */
export function readPacket(octets: Uint8Array): Result<Packet, Unreadable> {
  const read = readHeaders(octets);
  return !read.ok || read.value.fragment ? read : readTransport(read.value);
}

/** The part of that judgement which the IP header gets; the rest is as it was. */
export function readHeaders(octets: Uint8Array): Result<OtherPacket, Unreadable> {
  const isIpv6 = octets.length > 0 && octets[0]! >> 4 === 6;
  const read = isIpv6 ? decodeIpv6Packet(octets) : decodeIpv4Packet(octets);
  if (!read.ok) return err('malformed');
  if (!isIpv6 && internetChecksum(octets, 0, (octets[0]! & 0x0f) * 4) !== 0) return err('bad-checksum');
  return read;
}

/** The transport's part of a whole packet from outside, checksum judged. */
export function readTransport(packet: OtherPacket): Result<Packet, Unreadable> {
  if (!checksOut(packet)) return err('bad-checksum');
  const transport = decodeTransport(packet);
  return transport.ok ? transport : err('malformed');
}

function checksOut({ src, dst, protocol, payload }: OtherPacket): boolean {
  switch (protocol) {
    case IpProtocol.ICMP:
      return internetChecksum(payload) === 0;
    case IpProtocol.UDP: {
      const isUnused = payload.length >= UDP_HEADER && payload[6] === 0 && payload[7] === 0;
      if (isUnused) return ipVersionOf(src) === 4; // RFC 768 allows none, RFC 8200 §8.1 does not
      return transportChecksum({ src, dst }, protocol, payload) === 0;
    }
    case IpProtocol.TCP:
    case IpProtocol.ICMPV6:
      return transportChecksum({ src, dst }, protocol, payload) === 0;
    default:
      return true;
  }
}
