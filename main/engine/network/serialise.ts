import { lose, type Stage } from './lane.ts';
import { decodePacket, encodePacket } from './packet.ts';

/** Turns each packet into octets and back, as a real wire would; a run must not notice the difference. */
export const serialise: Stage = (lane, next) => (packet) => {
  if (!lane.settings.serialise) return next(packet);
  const read = decodePacket(encodePacket(packet));
  if (read.ok) next(read.value);
  else lose(lane, packet, 'corrupted');
};
