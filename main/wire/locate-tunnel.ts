import { EtherType } from './ether-type.ts';
import { IpProtocol } from './ip-protocol.ts';
import { inEthernet, inEtherType, inPpp, LINK_CUT, LINK_NOT_IP } from './locate-ip.ts';
import { readU16, readU32 } from './octets.ts';
import { UDP_HEADER } from './udp.ts';

/** UDP ports that tell what a datagram carries (IANA "Service Name and Transport Protocol Port Numbers"). */
const VXLAN_PORT = 4789;
/** What Linux took before that was assigned, and takes still unless told otherwise. */
const VXLAN_PORT_OF_LINUX = 8472;
const GENEVE_PORT = 6081;
const TEREDO_PORT = 3544;

const ETHERNET_IN_GRE = 0x6558; // Transparent Ethernet Bridging (RFC 1701)

const ERSPAN = 0x88be;
const ERSPAN_III = 0x22eb;

/**
 * The IP header that an IP packet carries instead of a transport header of its own: `protocol` and its first octet `at`
 * are the packet's. Gives its offset, or one of the `LINK_` answers. Read are IP in IP (RFC 2003, RFC 4213), GRE (RFC 2784,
 * RFC 2890, RFC 2637), VXLAN (RFC 7348), Geneve (RFC 8926) and Teredo (RFC 4380).
 */
export function locateTunnelled(protocol: number, data: Uint8Array, at: number, end: number, out: { vlan: number }): number {
  switch (protocol) {
    case IpProtocol.IPV4:
    case IpProtocol.IPV6:
      return at < end ? at : LINK_CUT;
    case IpProtocol.GRE:
      return inGre(data, at, end, out);
    case IpProtocol.UDP:
      return inUdp(data, at, end, out);
    default:
      return LINK_NOT_IP;
  }
}

/** Version 0 names an EtherType; version 1 (PPTP) carries PPP. Checksum, key and numbers stand between, as the flags say. */
function inGre(data: Uint8Array, start: number, end: number, out: { vlan: number }): number {
  if (start + 4 > end) return LINK_CUT;
  const flags = readU16(data, start);
  const type = readU16(data, start + 2);
  const version = flags & 0x0007;
  if ((flags & 0x4000) !== 0 || version > 1) return LINK_NOT_IP; // source routes (RFC 1701) are read by nobody
  let at = start + 4;
  for (const present of version === 0 ? [0x8000, 0x2000, 0x1000] : [0x2000, 0x1000, 0x0080]) if ((flags & present) !== 0) at += 4;
  if (at > end) return LINK_CUT;
  if (version === 1) return type === EtherType.PPP ? inPpp(data, at, end) : LINK_NOT_IP;
  if (type === ERSPAN || type === ERSPAN_III) return inMirror(type, (flags & 0x1000) !== 0, data, at, end, out);
  return type === ETHERNET_IN_GRE ? inEthernet(data, at, end, out) : inEtherType(type, data, at, end, out, 0);
}

/**
 * A frame that a switch mirrors (draft-foschiano-erspan): eight octets before it, none where GRE has no number (type I), twelve and
 * perhaps eight more in type III.
 */
function inMirror(type: number, numbered: boolean, data: Uint8Array, at: number, end: number, out: { vlan: number }): number {
  if (type === ERSPAN) return inEthernet(data, numbered ? at + 8 : at, end, out);
  if (at + 12 > end) return LINK_CUT;
  return inEthernet(data, at + ((data[at + 11]! & 1) === 0 ? 12 : 20), end, out);
}

function inUdp(data: Uint8Array, start: number, end: number, out: { vlan: number }): number {
  if (start + UDP_HEADER > end) return LINK_NOT_IP;
  const from = readU16(data, start);
  const to = readU16(data, start + 2);
  const at = start + UDP_HEADER;
  if (to === VXLAN_PORT || (to === VXLAN_PORT_OF_LINUX && isPlainVxlan(data, at, end))) return inVxlan(data, at, end, out);
  if (to === GENEVE_PORT) return inGeneve(data, at, end, out);
  if (to === TEREDO_PORT || from === TEREDO_PORT) return inTeredo(data, at, end);
  return LINK_NOT_IP;
}

/** Eight octets, of which the flag of a valid network identifier must be set (RFC 7348 §5). */
function inVxlan(data: Uint8Array, at: number, end: number, out: { vlan: number }): number {
  if (at + 8 > end || (data[at]! & 0x08) === 0) return LINK_NOT_IP;
  return inEthernet(data, at + 8, end, out);
}

/** The port was never VXLAN's by right, so all that is reserved must be zero. */
const isPlainVxlan = (data: Uint8Array, at: number, end: number): boolean =>
  at + 8 <= end && readU32(data, at) === 0x08000000 && data[at + 7] === 0;

/** Eight octets and options counted in words (RFC 8926 §3.4). */
function inGeneve(data: Uint8Array, at: number, end: number, out: { vlan: number }): number {
  if (at + 8 > end || data[at]! >> 6 !== 0) return LINK_NOT_IP;
  const inner = at + 8 + (data[at]! & 0x3f) * 4;
  const type = readU16(data, at + 2);
  return type === ETHERNET_IN_GRE ? inEthernet(data, inner, end, out) : inEtherType(type, data, inner, end, out, 0);
}

/** IPv6, perhaps behind an authentication and an origin indication (RFC 4380 §5.1.1). */
function inTeredo(data: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at + 4 <= end && readU16(data, at) === 1) at += 13 + data[at + 2]! + data[at + 3]!;
  if (at + 2 <= end && readU16(data, at) === 0) at += 8;
  return at < end && data[at]! >> 4 === 6 ? at : LINK_NOT_IP;
}
