import { lose, type Stage } from './lane.ts';
import { decodePacket, encodePacket, type Packet } from './packet.ts';
import { isOffloaded } from './segmentation.ts';

const beside = ({ nextHop, ...packet }: Packet): Partial<Packet> => ({
  ...(nextHop !== undefined && { nextHop }),
  ...('gsoSize' in packet && { gsoSize: packet.gsoSize }),
});

/** Turns each packet into octets and back, as a real wire would; a run must not notice the difference. */
export const serialise: Stage = (lane, next) => (packet) => {
  if (!lane.settings.serialise) return next(packet);
  const read = decodePacket(encodePacket(packet));
  // Whom the link layer is to give it to is not in the octets, nor how a buffer is to be cut.
  if (read.ok) next(packet.nextHop === undefined && !isOffloaded(packet) ? read.value : ({ ...read.value, ...beside(packet) } as Packet));
  else lose(lane, packet, 'corrupted');
};
