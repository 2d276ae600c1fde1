import { Flag } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import { type Deliver, type Packet, packetLength, type TcpPacket } from './packet.ts';

/** A buffer of TCP that the link is to cut: octets of payload in each segment it makes of it (Linux gso_size). */
export type Offloaded = TcpPacket & { readonly gsoSize: number };

export const isOffloaded = (packet: Packet): packet is Offloaded => packet.segment !== undefined && packet.gsoSize !== undefined;

/** Octets of the largest packet that the link will make of this one. */
export function lengthOnLink(packet: Packet): number {
  const length = packetLength(packet);
  return isOffloaded(packet) ? length - packet.segment.payload.length + packet.gsoSize : length;
}

/**
 * Cuts a buffer into the segments that go on the wire, as a network card does, or Linux for a card that cannot
 * (tcp_gso_segment): FIN and PSH belong to the last one, CWR to the first.
 */
export function cutSegments({ gsoSize, ...packet }: Offloaded, next: Deliver): void {
  const { segment } = packet;
  const { payload, flags } = segment;
  for (let at = 0; at < payload.length; at += gsoSize) {
    const isLast = at + gsoSize >= payload.length;
    const left = (at === 0 ? 0 : Flag.CWR) | (isLast ? 0 : Flag.FIN | Flag.PSH);
    const piece = { ...segment, seq: seqAdd(segment.seq, at), flags: flags & ~left, payload: payload.subarray(at, at + gsoSize) };
    next({ ...packet, segment: piece });
  }
}
