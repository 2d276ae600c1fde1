import { type IpAddress, ipVersionOf, ipv4AddressAt, ipv6AddressAt } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { MIN_IPV4_HEADER } from '../../wire/ipv4.ts';
import { extensionHeaderLength, IPV6_HEADER, isExtensionHeader } from '../../wire/ipv6.ts';
import { readU16, readU32 } from '../../wire/octets.ts';
import { type SeqNum, seq } from '../../wire/seq.ts';
import { IPV4_MIN_REASSEMBLY, IPV6_MIN_MTU } from '../ip/fragment.ts';
import { encodePacket, type Packet } from '../network/packet.ts';

/** The packet an ICMP error is about, as far as the error quotes it: one that we sent, if the error is honest. */
export interface Quoted {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly protocol: number;
  readonly srcPort: number;
  readonly dstPort: number;
  /** Sequence number, where it was TCP. */
  readonly seq: SeqNum;
  /** Header and data of TCP or UDP, as far as quoted. */
  readonly transport: Uint8Array;
}

/** Reads a quotation: the IP header and at least eight octets more (RFC 792, RFC 4443 §2.4). Undefined when it is too short or no first fragment. */
export function readQuoted(original: Uint8Array): Quoted | undefined {
  if (original.length === 0) return undefined;
  return original[0]! >> 4 === 6 ? readIpv6(original) : readIpv4(original);
}

function readIpv4(octets: Uint8Array): Quoted | undefined {
  if (octets.length < MIN_IPV4_HEADER || octets[0]! >> 4 !== 4) return undefined;
  const header = (octets[0]! & 0x0f) * 4;
  const isFirst = (readU16(octets, 6) & 0x1fff) === 0;
  if (header < MIN_IPV4_HEADER || !isFirst) return undefined;
  return readPorts(octets, header, ipv4AddressAt(octets, 12), ipv4AddressAt(octets, 16), octets[9]!);
}

function readIpv6(octets: Uint8Array): Quoted | undefined {
  if (octets.length < IPV6_HEADER) return undefined;
  let kind = octets[6]!;
  let at = IPV6_HEADER;
  while (isExtensionHeader(kind)) {
    if (at + 8 > octets.length) return undefined;
    if (kind === IpProtocol.FRAGMENT && readU16(octets, at + 2) >> 3 !== 0) return undefined;
    const length = extensionHeaderLength(kind, octets[at + 1]!);
    kind = octets[at]!;
    at += length;
  }
  return readPorts(octets, at, ipv6AddressAt(octets, 8), ipv6AddressAt(octets, 24), kind);
}

function readPorts(octets: Uint8Array, at: number, src: IpAddress, dst: IpAddress, protocol: number): Quoted | undefined {
  if (at + 8 > octets.length) return undefined;
  const [srcPort, dstPort] = [readU16(octets, at), readU16(octets, at + 2)];
  return { src, dst, protocol, srcPort, dstPort, seq: seq(readU32(octets, at + 4)), transport: octets.subarray(at) };
}

/** As much of a packet as an error about it may quote: the error itself fits what everybody takes (RFC 1812 §4.3.2.3, RFC 4443 §2.4). */
export function quote(packet: Packet): Uint8Array {
  const [header, most] = ipVersionOf(packet.src) === 4 ? [MIN_IPV4_HEADER, IPV4_MIN_REASSEMBLY] : [IPV6_HEADER, IPV6_MIN_MTU];
  return encodePacket(packet).slice(0, most - header - 8);
}
