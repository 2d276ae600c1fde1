import { lose, type Stage } from './lane.ts';
import { decodePacket, encodePacket } from './packet.ts';

/** Turns each packet into octets and back, as a real wire would; a run must not notice the difference. */
export const serialise: Stage = (lane, next) => (packet) => {
  if (!lane.settings.serialise) return next(packet);
  const read = decodePacket(encodePacket(packet));
  // Whom the link layer is to give it to is not in the octets.
  if (read.ok) next(packet.nextHop === undefined ? read.value : { ...read.value, nextHop: packet.nextHop });
  else lose(lane, packet, 'corrupted');
};
