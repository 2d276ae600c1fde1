import type { Stage } from './lane.ts';
import { encodePacket, type OtherPacket, type Packet, protocolOf, readHeaders } from './packet.ts';

/**
 * Turns one bit of a packet over with the probability `corruption`. The link layer carries it on all the same; the receiver
 * finds out, by a checksum or because the IP header makes no sense any more.
 */
export const corrupt: Stage = (lane, next) => (packet) => {
  const { random, settings } = lane;
  if (!random.chance(settings.corruption)) {
    next(packet);
    return;
  }
  const octets = encodePacket(packet);
  octets[random.below(octets.length)]! ^= 1 << random.below(8);
  const read = readHeaders(octets);
  next({
    ...(read.ok ? read.value : unreadable(packet, octets)),
    ...(packet.nextHop !== undefined && { nextHop: packet.nextHop }),
    ...(packet.segment && { damaged: packet.segment }),
  });
};

const unreadable = (packet: Packet, octets: Uint8Array): OtherPacket => ({
  src: packet.src,
  dst: packet.dst,
  protocol: protocolOf(packet),
  payload: octets,
  headerIsDamaged: true,
});
