import { lose, type Stage } from './lane.ts';
import { lengthOnLink } from './segmentation.ts';

/** Refuses what is larger than the cable's MTU. */
export const limit: Stage = (lane, next) => (packet) => {
  if (lengthOnLink(packet) > lane.settings.mtu) lose(lane, packet, 'too-big-for-link');
  else next(packet);
};
