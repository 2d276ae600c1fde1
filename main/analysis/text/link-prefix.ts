import { EtherType, isVlanTag } from '../../wire/ether-type.ts';
import { isRawIp, LinkType } from '../../wire/link-type.ts';
import { PacketType, SLL_HEADER, SLL2_HEADER } from '../../wire/linux-cooked.ts';
import { isLoopbackIpv6, LOOPBACK_HEADER, LOOPBACK_IPV4, loopbackFamily } from '../../wire/null-loopback.ts';
import { readU16, readU32 } from '../../wire/octets.ts';
import { cutShort, DEEPEST_NESTING, type Dissection, type Extent, type Finding, malformed } from './dissection.ts';
import { printIpv4 } from './ipv4-prefix.ts';
import { printIpv6 } from './ipv6-prefix.ts';
import { printMpls } from './mpls.ts';

/** Names of the capturing machine's interfaces by index; undefined where it is not known. */
export type InterfaceName = (index: number) => string | undefined;

export const isPrintable = (linkType: number): boolean => PRINTERS.has(linkType) || isRawIp(linkType);

/** What tcpdump prints of the link layer (without -e), and everything above it. */
export function printFrame(d: Dissection, linkType: number, frame: Extent, interfaceName: InterfaceName): Finding {
  const printer = isRawIp(linkType) ? printRawIp : PRINTERS.get(linkType);
  return printer === undefined ? 'nothing' : printer(d, frame, interfaceName);
}

const PRINTERS = new Map<number, (d: Dissection, frame: Extent, interfaceName: InterfaceName) => Finding>([
  [LinkType.ETHERNET, printEthernet],
  [LinkType.NULL, printLoopback],
  [LinkType.LOOP, printLoopback],
  [LinkType.LINUX_SLL, printCooked],
  [LinkType.LINUX_SLL2, printCooked2],
  [LinkType.RAW, printRawIp],
  [LinkType.IPV4, printRawIp],
  [LinkType.IPV6, printRawIp],
  [LinkType.PPP, printPpp],
  [LinkType.PPP_HDLC, printPppHdlc],
  [LinkType.PPP_ETHER, printPppoe],
  [LinkType.FDDI, printFddi],
]);

const behind = ({ at, length, end }: Extent, octets: number): Extent => ({ at: at + octets, length: length - octets, end });

export function printEthernet(d: Dissection, frame: Extent): Finding {
  if (++d.nesting > DEEPEST_NESTING) return 'nothing';
  if (frame.at + 14 > frame.end) return cutShort(d, 'ether');
  return printEtherType(d, readU16(d.data, frame.at + 12), behind(frame, 14));
}

/** VLAN tags are passed in silence, as tcpdump does without -e. */
function printEtherType(d: Dissection, first: number, start: Extent): Finding {
  let type = first;
  let inside = start;
  while (isVlanTag(type)) {
    if (inside.at + 4 > inside.end) return cutShort(d, 'vlan');
    type = readU16(d.data, inside.at + 2);
    inside = behind(inside, 4);
  }
  if (type <= 1500) {
    const length = Math.min(type, inside.length);
    return printLlc(d, { at: inside.at, length, end: Math.min(inside.end, inside.at + length) });
  }
  return printNetwork(d, type, inside);
}

function printNetwork(d: Dissection, type: number, inside: Extent): Finding {
  switch (type) {
    case EtherType.IPV4:
      return printIpv4(d, inside);
    case EtherType.IPV6:
      return printIpv6(d, inside);
    case EtherType.PPPOE_SESSION:
      return printPppoe(d, inside);
    case EtherType.PPP:
      d.text += ': ';
      return printPpp(d, inside);
    case EtherType.MPLS:
    case EtherType.MPLS_MULTICAST:
      return printMpls(d, inside);
    default:
      return 'nothing';
  }
}

/** LLC leads to IP through SNAP (RFC 1042), or, in old networks, directly (RFC 948). The lowest bit of a SAP is no part of it. */
function printLlc(d: Dissection, inside: Extent): Finding {
  const { data } = d;
  const { at, end } = inside;
  if (at + 3 > end || data[at + 2] !== UNNUMBERED_INFORMATION) return 'nothing';
  const dsap = data[at]! & 0xfe;
  const ssap = data[at + 1]! & 0xfe;
  if (dsap === Sap.IP && ssap === Sap.IP) return printIpv4(d, behind(inside, 3));
  if (dsap !== Sap.SNAP || ssap !== Sap.SNAP || at + 8 > end) return 'nothing';
  const organisation = readU32(data, at + 2) & 0xffffff;
  return organisation === 0 ? printNetwork(d, readU16(data, at + 6), behind(inside, 8)) : 'nothing';
}

const Sap = { IP: 0x06, SNAP: 0xaa } as const;
const UNNUMBERED_INFORMATION = 0x03;

function printLoopback(d: Dissection, frame: Extent): Finding {
  if (frame.at + LOOPBACK_HEADER > frame.end) return cutShort(d, 'null');
  const family = loopbackFamily(d.data, frame.at, false);
  const inside = behind(frame, LOOPBACK_HEADER);
  if (family === LOOPBACK_IPV4) return printIpv4(d, inside);
  return isLoopbackIpv6(family) ? printIpv6(d, inside) : 'nothing';
}

function printCooked(d: Dissection, frame: Extent): Finding {
  if (frame.at + SLL_HEADER > frame.end) return cutShort(d, 'sll');
  return printEtherType(d, readU16(d.data, frame.at + 14), behind(frame, SLL_HEADER));
}

const DIRECTIONS = new Map<number, string>([
  [PacketType.HOST, 'In'],
  [PacketType.BROADCAST, 'B'],
  [PacketType.MULTICAST, 'M'],
  [PacketType.OTHER_HOST, 'P'],
  [PacketType.OUTGOING, 'Out'],
]);

/** "lo    In  ": the second version of the cooked header knows the interface, and tcpdump shows it. */
function printCooked2(d: Dissection, frame: Extent, interfaceName: InterfaceName): Finding {
  if (frame.at + SLL2_HEADER > frame.end) return cutShort(d, 'sll2');
  const name = interfaceName(readU32(d.data, frame.at + 4)) ?? '?';
  const direction = DIRECTIONS.get(d.data[frame.at + 10]!) ?? '?';
  d.text += `${name.padEnd(5)} ${direction.padEnd(3)} `;
  return printEtherType(d, readU16(d.data, frame.at), behind(frame, SLL2_HEADER));
}

function printRawIp(d: Dissection, frame: Extent): Finding {
  if (frame.at >= frame.end) return cutShort(d, 'ip');
  const version = d.data[frame.at]! >> 4;
  if (version === 4) return printIpv4(d, frame);
  return version === 6 ? printIpv6(d, frame) : malformed(d, `unknown ip ${version}`);
}

function printPppoe(d: Dissection, frame: Extent): Finding {
  const { data } = d;
  const { at, length, end } = frame;
  if (at + 6 > end) return cutShort(d, 'pppoe');
  if (data[at + 1] !== 0) return 'nothing'; // discovery
  const session = readU16(data, at + 2);
  const stated = readU16(data, at + 4);
  const there = length - 6;
  d.text += 'PPPoE ';
  if (stated > there) d.text += ` [len ${stated} > ${there}!]`;
  if (session !== 0) d.text += ` [ses 0x${session.toString(16)}]`;
  d.text += ' ';
  return printPpp(d, { at: at + 6, length: Math.min(stated, there), end });
}

const Ppp = { IPV4: 0x0021, IPV6: 0x0057 } as const;

/** PPP with or without address and control octets, and with a protocol field of one or two octets (RFC 1661 §2). */
export function printPpp(d: Dissection, frame: Extent): Finding {
  const { data } = d;
  let inside = frame;
  if (inside.at + 2 <= inside.end && data[inside.at] === 0xff && data[inside.at + 1] === 0x03) inside = behind(inside, 2);
  if (inside.at + 2 > inside.end) return cutShort(d, 'ppp');
  const compressed = (data[inside.at]! & 1) === 1;
  return printPppProtocol(d, compressed ? data[inside.at]! : readU16(data, inside.at), behind(inside, compressed ? 1 : 2));
}

/** Here tcpdump names the protocol before it prints it. */
function printPppHdlc(d: Dissection, frame: Extent): Finding {
  if (frame.at + 4 > frame.end) return cutShort(d, 'ppp_hdlc');
  if (d.data[frame.at] !== 0xff) return 'nothing';
  const protocol = readU16(d.data, frame.at + 2);
  d.text += protocol === Ppp.IPV6 ? 'IP6: ' : 'IP: ';
  return printPppProtocol(d, protocol, behind(frame, 4));
}

function printPppProtocol(d: Dissection, protocol: number, inside: Extent): Finding {
  if (protocol === Ppp.IPV4) return printIpv4(d, inside);
  return protocol === Ppp.IPV6 ? printIpv6(d, inside) : 'nothing';
}

/** Frame control and two addresses; asynchronous LLC frames carry data. */
function printFddi(d: Dissection, frame: Extent): Finding {
  if (frame.at + 13 > frame.end) return cutShort(d, 'fddi');
  return (d.data[frame.at]! & 0xf0) === 0x50 ? printLlc(d, behind(frame, 13)) : 'nothing';
}
