import { type IpAddress, ipVersionOf } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { decodeIpv4, encodeIpv4 } from '../../wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '../../wire/ipv6.ts';
import { ok, type Result } from '../../wire/result.ts';
import type { Segment } from '../../wire/segment.ts';
import { decodeSegment, encodeSegment, MIN_TCP_HEADER } from '../../wire/tcp-header.ts';
import { optionsLength } from '../../wire/tcp-options.ts';
import type { WireError } from '../../wire/wire-error.ts';

/** An IP packet as a value. Octets are made only where somebody needs them. */
export interface Packet {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly segment: Segment;
}

/** Takes a packet off one's hands. */
export type Deliver = (packet: Packet) => void;

const NO_OCTETS = new Uint8Array(0);
const HOP_LIMIT = 64; // Linux net.ipv4.ip_default_ttl

export const ipHeaderLength = (address: IpAddress): number => (ipVersionOf(address) === 4 ? 20 : 40);

/** Octets the packet occupies on a link, its IP header included. */
export const packetLength = ({ src, segment }: Packet): number =>
  ipHeaderLength(src) + MIN_TCP_HEADER + ((optionsLength(segment.options) + 3) & ~3) + segment.payload.length;

/** The packet as it stands on a wire, from its IP header on; written into `out` when it has room. */
export function encodePacket(packet: Packet, out?: Uint8Array): Uint8Array {
  const { src, dst, segment } = packet;
  const room = out !== undefined && out.length >= packetLength(packet) ? out : undefined;
  const payload = encodeSegment(segment, { src, dst }, room?.subarray(ipHeaderLength(src)));
  if (ipVersionOf(src) === 4) {
    const header = { trafficClass: 0, identification: 0, dontFragment: true, moreFragments: false, fragmentOffset: 0, ttl: HOP_LIMIT };
    return encodeIpv4({ ...header, protocol: IpProtocol.TCP, src, dst, options: NO_OCTETS }, payload, room);
  }
  const header = { trafficClass: 0, flowLabel: 0, hopLimit: HOP_LIMIT, extensions: [] };
  return encodeIpv6({ ...header, protocol: IpProtocol.TCP, src, dst }, payload, room);
}

/** Reads what `encodePacket` wrote. */
export function decodePacket(octets: Uint8Array): Result<Packet, WireError> {
  const packet = octets[0]! >> 4 === 6 ? decodeIpv6(octets) : decodeIpv4(octets);
  if (!packet.ok) return packet;
  const segment = decodeSegment(packet.value.payload);
  if (!segment.ok) return segment;
  const { src, dst } = packet.value.header;
  return ok({ src, dst, segment: segment.value });
}
