import { ipVersionOf } from '../../wire/ip-address.ts';
import { encodePayload, type OtherPacket, type Packet, packetLength, protocolOf } from '../network/packet.ts';

const FRAGMENT_HEADER = 8;

/**
 * Cuts a packet into pieces that fit `mtu`, each but the last a multiple of eight octets long (RFC 791 §3.2; RFC 8200
 * §4.5, where only the source may do it). A piece of a fragment stays a piece of the whole. Undefined: no piece fits.
 */
export function fragmentPacket(packet: Packet, mtu: number, identification: number): OtherPacket[] | undefined {
  const payload = encodePayload(packet);
  const already = packet.payload ? packet.fragment : undefined;
  const extra = ipVersionOf(packet.src) === 6 && !already ? FRAGMENT_HEADER : 0;
  const headers = packetLength(packet) - payload.length + extra;
  const room = (mtu - headers) & ~7;
  if (room <= 0) return undefined;
  const { segment: _s, datagram: _d, icmp: _i, payload: _p, ...about } = packet;
  const pieces: OtherPacket[] = [];
  for (let at = 0; at < payload.length; at += room) {
    const piece = payload.subarray(at, at + room);
    const isLast = at + room >= payload.length;
    pieces.push({
      ...about,
      // Options that are not copied into every fragment (RFC 791 §3.1) would have to go; the engine sends none.
      protocol: protocolOf(packet),
      payload: piece,
      fragment: {
        offset: (already?.offset ?? 0) + at,
        more: !isLast || (already?.more ?? false),
        identification: already?.identification ?? identification,
      },
    });
  }
  return pieces;
}

/** The smallest packet every IPv6 link carries (RFC 8200 §5). */
export const IPV6_MIN_MTU = 1280;
/** What every IPv4 host takes (RFC 791 §3.1): an ICMP error quotes no more than fits (RFC 1812 §4.3.2.3). */
export const IPV4_MIN_REASSEMBLY = 576;
