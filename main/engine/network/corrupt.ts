import { lose, type Stage } from './lane.ts';
import { encodePacket, readHeaders } from './packet.ts';

/**
 * Turns one bit of a packet over with the probability `corruption`. The receiver finds out by the checksum; where the IP
 * header itself no longer reads, nobody can say whose packet it was, and it ends here.
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
  if (!read.ok) lose(lane, packet, 'corrupted');
  else
    next({
      ...read.value,
      ...(packet.nextHop !== undefined && { nextHop: packet.nextHop }),
      ...(packet.segment && { damaged: packet.segment }),
    });
};
