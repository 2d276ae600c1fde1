import { EtherType, isVlanTag } from './ether-type.ts';
import { isRawIp, LinkType } from './link-type.ts';
import { SLL_HEADER, SLL2_HEADER } from './linux-cooked.ts';
import { isLoopbackIpv6, LOOPBACK_HEADER, LOOPBACK_IPV4, loopbackFamily } from './null-loopback.ts';
import { readU16 } from './octets.ts';

/** What `locateIp` answers instead of an offset. */
export const LINK_NOT_IP = -1;
export const LINK_CUT = -2;
export const LINK_UNSUPPORTED = -3;

/** How many wrappings (tags, labels, frames in frames) a frame may have; a hostile one must not keep us busy. */
const DEEPEST = 16;

/**
 * Walks the link layer of the frame at data[start, end) to its IP header, through VLAN tags, LLC/SNAP, PPPoE, MPLS and
 * FabricPath. Gives the offset of the IP header, or one of the `LINK_` answers; notes the outermost VLAN id.
 */
export function locateIp(data: Uint8Array, start: number, end: number, linkType: number, out: { vlan: number }): number {
  switch (linkType) {
    case LinkType.ETHERNET:
      return inEthernet(data, start, end, out);
    case LinkType.NULL:
    case LinkType.LOOP:
      return inLoopback(data, start, end, linkType === LinkType.LOOP);
    case LinkType.LINUX_SLL:
      return end - start < SLL_HEADER ? LINK_CUT : inEtherType(readU16(data, start + 14), data, start + SLL_HEADER, end, out, 0);
    case LinkType.LINUX_SLL2:
      return end - start < SLL2_HEADER ? LINK_CUT : inEtherType(readU16(data, start), data, start + SLL2_HEADER, end, out, 0);
    case LinkType.IPV4:
    case LinkType.IPV6:
      return end > start ? start : LINK_CUT;
    case LinkType.PPP:
    case LinkType.PPP_HDLC:
      return inPpp(data, start, end);
    case LinkType.PPP_ETHER:
      return end - start < 8 ? LINK_CUT : inPpp(data, start + 6, end);
    case LinkType.FDDI:
      return inFddi(data, start, end, out);
    case LinkType.IEEE802_11:
      return inWifi(data, start, end, out);
    case LinkType.IEEE802_11_RADIOTAP:
      return inRadiotap(data, start, end, out);
    default:
      if (isRawIp(linkType)) return end > start ? start : LINK_CUT;
      return LINK_UNSUPPORTED;
  }
}

export function inEthernet(data: Uint8Array, start: number, end: number, out: { vlan: number }): number {
  return end - start < 14 ? LINK_CUT : inEtherType(readU16(data, start + 12), data, start + 14, end, out, 0);
}

/** `at` is the first octet after the EtherType (or IEEE 802.3 length) `type`. */
export function inEtherType(type: number, data: Uint8Array, at: number, end: number, out: { vlan: number }, depth: number): number {
  let etherType = type;
  let offset = at;
  for (let level = depth; level < DEEPEST; level++) {
    if (etherType === EtherType.IPV4 || etherType === EtherType.IPV6) return offset < end ? offset : LINK_CUT;
    if (etherType <= 1500) {
      // IEEE 802.3: a length, then LLC. Only SNAP (RFC 1042) with an EtherType leads to IP.
      if (offset + 8 > end) return LINK_NOT_IP;
      // The lowest bit of each SAP tells group from individual and is no part of it.
      if ((data[offset]! & 0xfe) !== 0xaa || (data[offset + 1]! & 0xfe) !== 0xaa || data[offset + 2] !== 0x03) return LINK_NOT_IP;
      etherType = readU16(data, offset + 6);
      offset += 8;
      if (etherType <= 1500) return LINK_NOT_IP;
    } else if (isVlanTag(etherType)) {
      if (offset + 4 > end) return LINK_CUT;
      if (out.vlan < 0) out.vlan = readU16(data, offset) & 0x0fff;
      etherType = readU16(data, offset + 2);
      offset += 4;
    } else if (etherType === EtherType.FABRIC_PATH) {
      // Two octets of tag, then the inner Ethernet frame.
      if (offset + 16 > end) return LINK_CUT;
      etherType = readU16(data, offset + 14);
      offset += 16;
    } else if (etherType === EtherType.PPPOE_SESSION) {
      return offset + 8 > end ? LINK_CUT : inPpp(data, offset + 6, end);
    } else if (etherType === EtherType.MPLS || etherType === EtherType.MPLS_MULTICAST) {
      return inMpls(data, offset, end);
    } else return LINK_NOT_IP;
  }
  return LINK_NOT_IP;
}

function inLoopback(data: Uint8Array, start: number, end: number, networkOrder: boolean): number {
  if (end - start < LOOPBACK_HEADER) return LINK_CUT;
  const family = loopbackFamily(data, start, networkOrder);
  if (family !== LOOPBACK_IPV4 && !isLoopbackIpv6(family)) return LINK_NOT_IP;
  return start + LOOPBACK_HEADER < end ? start + LOOPBACK_HEADER : LINK_CUT;
}

/** PPP in HDLC-like framing (RFC 1662 §3.1), with address and control field or without; protocol may be one octet. */
export function inPpp(data: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at + 2 <= end && data[at] === 0xff && data[at + 1] === 0x03) at += 2;
  if (at + 2 > end) return LINK_CUT;
  const compressed = (data[at]! & 1) === 1;
  const protocol = compressed ? data[at]! : readU16(data, at);
  at += compressed ? 1 : 2;
  if (protocol !== 0x0021 && protocol !== 0x0057) return LINK_NOT_IP;
  return at < end ? at : LINK_CUT;
}

/** A label stack (RFC 3032 §2.1). Nothing in it names the payload; a first nibble of 4 or 6 is taken for IP. */
function inMpls(data: Uint8Array, start: number, end: number): number {
  for (let at = start, depth = 0; depth < DEEPEST; at += 4, depth++) {
    if (at + 4 > end) return LINK_CUT;
    if ((data[at + 2]! & 1) === 0) continue;
    if (at + 4 >= end) return LINK_CUT;
    const nibble = data[at + 4]! >> 4;
    return nibble === 4 || nibble === 6 ? at + 4 : LINK_NOT_IP;
  }
  return LINK_NOT_IP;
}

/** Frame control, two addresses, LLC. Only asynchronous LLC frames carry data for us. */
function inFddi(data: Uint8Array, start: number, end: number, out: { vlan: number }): number {
  if (end - start < 13) return LINK_CUT;
  if ((data[start]! & 0xf0) !== 0x50) return LINK_NOT_IP;
  return inEtherType(0, data, start + 13, end, out, 0);
}

/** Radiotap alone is little-endian: its length stands in octets 2 and 3, which fields it has in words from octet 4 on. */
function inRadiotap(data: Uint8Array, start: number, end: number, out: { vlan: number }): number {
  if (end - start < 8) return LINK_CUT;
  const frame = start + (data[start + 2]! | (data[start + 3]! << 8));
  return inWifi(data, frame, end, out, radiotapFlags(data, start, Math.min(frame, end)));
}

/** The second field, after the clock, which is aligned to its eight octets; 0 where it is absent. */
function radiotapFlags(data: Uint8Array, start: number, end: number): number {
  const present = data[start + 4]!;
  if ((present & 2) === 0) return 0;
  let at = start + 4;
  while (at + 4 <= end && (data[at + 3]! & 0x80) !== 0) at += 4; // another word of the same follows
  at += 4;
  if ((present & 1) !== 0) at = start + ((at - start + 7) & ~7) + 8;
  return at < end ? data[at]! : 0;
}

/** Between header and payload stand octets that bring the payload to a multiple of four. */
const RADIOTAP_PADDED = 0x20;

/** An IEEE 802.11 data frame: its header grows with the fourth address, QoS and HT control. */
function inWifi(data: Uint8Array, start: number, end: number, out: { vlan: number }, flagsOfRadiotap = 0): number {
  if (end - start < 24) return LINK_CUT;
  const subtypeAndType = data[start]!;
  const flags = data[start + 1]!;
  const isData = (subtypeAndType & 0x0c) === 0x08;
  const carriesNothing = (subtypeAndType & 0x40) !== 0;
  const encrypted = (flags & 0x40) !== 0;
  if (!isData || carriesNothing || encrypted) return LINK_NOT_IP;
  const qos = (subtypeAndType & 0x80) !== 0;
  let header = (flags & 0x03) === 0x03 ? 30 : 24;
  if (qos) header += (flags & 0x80) !== 0 ? 6 : 2;
  if ((flagsOfRadiotap & RADIOTAP_PADDED) !== 0) header = (header + 3) & ~3;
  return start + header > end ? LINK_CUT : inEtherType(0, data, start + header, end, out, 0);
}
