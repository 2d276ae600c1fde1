import { EtherType } from './ether-type.ts';
import { IpProtocol } from './ip-protocol.ts';
import { extensionHeaderLength, isExtensionHeader } from './ipv6.ts';
import { LinkType } from './link-type.ts';
import { LINK_CUT, LINK_NOT_IP, LINK_UNSUPPORTED, locateIp } from './locate-ip.ts';
import { locateTunnelled } from './locate-tunnel.ts';
import { dataViewOf, readU16 } from './octets.ts';

/** Tunnels in tunnels that are followed; a hostile frame must not keep us busy. */
const MOST_TUNNELS = 4;

/** Where a frame's TCP segment lies. One record is reused for every frame, so that reading a capture makes no garbage. */
export interface Located {
  /** 4, 6, or 0 when no IP was found. */
  ipVersion: number;
  /** Offset in `data` of the IP header. */
  ip: number;
  /** Octets, with IPv4 options or IPv6 extension headers. */
  ipHeaderLength: number;
  /** Offset in `data` of the TCP header. */
  tcp: number;
  /** Octets of header and payload that the IP header claims. */
  tcpLength: number;
  /** How many of those octets are in the capture. */
  captured: number;
  /** Outermost VLAN id, -1 when untagged. */
  vlan: number;
  /** How many IP headers carry the one at `ip`: 0 outside a tunnel. */
  tunnels: number;
  /** The packet at `ip` is a fragment; a first one, which has the TCP header or its beginning, is still located. */
  fragment: boolean;
  /** For 'malformed': a constant string naming what is wrong. */
  reason: string;
}

export type Verdict = 'tcp' | 'not-tcp' | 'malformed' | 'unsupported-link';

export function emptyLocated(): Located {
  return { ipVersion: 0, ip: 0, ipHeaderLength: 0, tcp: 0, tcpLength: 0, captured: 0, vlan: -1, tunnels: 0, fragment: false, reason: '' };
}

/**
 * Finds the TCP segment of the frame at data[start, start+length). `onWire` is the frame's length before the snapshot
 * length cut it: with segmentation offload the IP length fields may be zero and then it alone tells the length.
 */
export function locateTcp(
  data: Uint8Array,
  start: number,
  length: number,
  linkType: number,
  out: Located,
  onWire: number = length,
): Verdict {
  out.ipVersion = 0;
  out.ip = out.ipHeaderLength = out.tcp = out.tcpLength = out.captured = 0;
  out.vlan = -1;
  out.tunnels = 0;
  out.fragment = false;
  out.reason = '';
  const end = start + length;
  const plain = linkType === LinkType.ETHERNET && length > 14 && readU16(data, start + 12) === EtherType.IPV4;
  const ip = plain ? start + 14 : locateIp(data, start, end, linkType, out);
  if (ip < 0) {
    if (ip === LINK_NOT_IP) return 'not-tcp';
    if (ip === LINK_UNSUPPORTED) return 'unsupported-link';
    return malformed(out, ip === LINK_CUT ? 'link-layer header cut off' : 'link-layer header malformed');
  }
  if (ip >= end) return malformed(out, 'no octets after the link-layer header');
  return locateInIp(data, ip, end, start + Math.max(onWire, length), out);
}

function locateInIp(data: Uint8Array, ip: number, end: number, wireEnd: number, out: Located): Verdict {
  const version = data[ip]! >> 4;
  out.ip = ip;
  if (version === 4) return locateInIpv4(data, ip, end, wireEnd, out);
  if (version === 6) return locateInIpv6(data, ip, end, wireEnd, out);
  return malformed(out, 'IP version is neither 4 nor 6');
}

/** The packet is no TCP itself; what it carries may be. What a tunnel holds that cannot be read is no fault of the frame. */
function locateInside(protocol: number, data: Uint8Array, at: number, packetEnd: number, end: number, out: Located): Verdict {
  if (protocol === IpProtocol.AH) return locateAuthenticated(data, at, packetEnd, end, out);
  if (out.fragment || out.tunnels === MOST_TUNNELS) return 'not-tcp';
  const ip = locateTunnelled(protocol, data, at, Math.min(packetEnd, end), out);
  if (ip < 0) return 'not-tcp';
  out.tunnels++;
  return locateInIp(data, ip, Math.min(packetEnd, end), packetEnd, out);
}

/** Behind an authentication header (RFC 4302 §2), which to IPv6 is an extension header like others. */
function locateAuthenticated(data: Uint8Array, at: number, packetEnd: number, end: number, out: Located): Verdict {
  const stop = Math.min(packetEnd, end);
  const behind = at + 2 > stop ? Number.POSITIVE_INFINITY : at + extensionHeaderLength(IpProtocol.AH, data[at + 1]!);
  if (behind > stop) return malformed(out, 'authentication header cut off');
  const next = data[at]!;
  if (next === IpProtocol.TCP) return segmentAt(behind, packetEnd, end, out);
  return next === IpProtocol.AH ? 'not-tcp' : locateInside(next, data, behind, packetEnd, end, out);
}

/**
 * Goes on behind the IP header of a fragment whose datagram was put together: `protocol` and the octets data[at, packetEnd) are
 * the datagram's, those before `end` captured.
 */
export function locateInDatagram(protocol: number, data: Uint8Array, at: number, packetEnd: number, end: number, out: Located): Verdict {
  out.fragment = false;
  let next = protocol;
  let to = at;
  while (out.ipVersion === 6 && isExtensionHeader(next)) {
    if (to + 8 > end) return malformed(out, 'IPv6 extension header cut off');
    if (next === IpProtocol.FRAGMENT) return 'not-tcp'; // a fragment of a fragment, which nobody may send (RFC 8200 §4.5)
    const size = extensionHeaderLength(next, data[to + 1]!);
    next = data[to]!;
    to += size;
  }
  if (next !== IpProtocol.TCP) return locateInside(next, data, to, packetEnd, end, out);
  if (to > packetEnd) return malformed(out, 'IPv6 extension headers beyond their datagram');
  return segmentAt(to, packetEnd, end, out);
}

/** The identification of a located IPv4 packet; 0 with IPv6, which has none outside its fragments. */
export const ipIdentification = (data: Uint8Array, { ip, ipVersion }: Located): number =>
  ipVersion === 4 ? (data[ip + 4]! << 8) | data[ip + 5]! : 0;

/** Time to live or hop limit of a located packet. */
export const hopLimit = (data: Uint8Array, { ip, ipVersion }: Located): number => data[ip + (ipVersion === 4 ? 8 : 7)]!;

function malformed(out: Located, reason: string): Verdict {
  out.reason = reason;
  return 'malformed';
}

/** RFC 791 §3.1. */
function locateInIpv4(data: Uint8Array, ip: number, end: number, wireEnd: number, out: Located): Verdict {
  out.ipVersion = 4;
  if (end - ip < 20) return malformed(out, 'IPv4 header cut off');
  const octets = dataViewOf(data);
  const versionAndLengths = octets.getInt32(ip);
  const headerLength = ((versionAndLengths >>> 24) & 0x0f) * 4;
  out.ipHeaderLength = headerLength;
  if (headerLength < 20) return malformed(out, 'IPv4 header length below 20');
  let total = versionAndLengths & 0xffff;
  if (total === 0) total = wireEnd - ip; // segmentation offload: the network card was to fill it in
  if (total < headerLength) return malformed(out, 'IPv4 total length below its header length');
  const fragmentField = octets.getInt32(ip + 4);
  if ((fragmentField & 0x3fff) !== 0) {
    out.fragment = true;
    if ((fragmentField & 0x1fff) !== 0) return 'not-tcp';
  }
  const protocol = data[ip + 9]!;
  if (protocol !== IpProtocol.TCP) return locateInside(protocol, data, ip + headerLength, ip + total, end, out);
  return segmentAt(ip + headerLength, ip + total, end, out);
}

/** RFC 8200 §3 and §4. Every extension header has at least eight octets, so the walk ends with the packet. */
function locateInIpv6(data: Uint8Array, ip: number, end: number, wireEnd: number, out: Located): Verdict {
  out.ipVersion = 6;
  if (end - ip < 40) return malformed(out, 'IPv6 header cut off');
  const payloadLength = (data[ip + 4]! << 8) | data[ip + 5]!;
  let packetEnd = payloadLength === 0 ? wireEnd : ip + 40 + payloadLength; // zero: a jumbogram, or segmentation offload
  let next = data[ip + 6]!;
  let at = ip + 40;
  while (isExtensionHeader(next)) {
    out.ipHeaderLength = at - ip;
    if (at + 8 > end) return malformed(out, 'IPv6 extension header cut off');
    if (next === IpProtocol.FRAGMENT) {
      const field = (data[at + 2]! << 8) | data[at + 3]!;
      if ((field & 0xfff9) !== 0) out.fragment = true; // an atomic fragment (RFC 6946) is a whole packet
      if (field >> 3 !== 0) return 'not-tcp';
    } else if (next === IpProtocol.HOP_BY_HOP && payloadLength === 0) {
      const jumbo = jumboLength(data, at, end);
      if (jumbo > 0) packetEnd = ip + 40 + jumbo;
    }
    const size = extensionHeaderLength(next, data[at + 1]!);
    next = data[at]!;
    at += size;
  }
  out.ipHeaderLength = at - ip;
  if (next !== IpProtocol.TCP) return locateInside(next, data, at, packetEnd, end, out);
  if (at > packetEnd) return malformed(out, 'IPv6 payload length below its extension headers');
  return segmentAt(at, packetEnd, end, out);
}

/** The jumbo payload option (RFC 2675 §2) of the hop-by-hop header at `at`; 0 when there is none. */
function jumboLength(data: Uint8Array, at: number, end: number): number {
  const stop = Math.min(end, at + (data[at + 1]! + 1) * 8);
  let option = at + 2;
  while (option + 1 < stop) {
    const code = data[option]!;
    if (code === 0xc2 && option + 6 <= stop)
      return ((data[option + 2]! << 24) | (data[option + 3]! << 16) | (data[option + 4]! << 8) | data[option + 5]!) >>> 0;
    option += code === 0 ? 1 : data[option + 1]! + 2;
  }
  return 0;
}

function segmentAt(tcp: number, packetEnd: number, end: number, out: Located): Verdict {
  out.tcp = tcp;
  out.tcpLength = packetEnd - tcp;
  out.captured = tcp >= end ? 0 : Math.min(packetEnd, end) - tcp;
  return 'tcp';
}
