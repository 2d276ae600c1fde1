import { lose, type Stage } from './lane.ts';

/** Loses each packet with the probability `loss`. */
export const drop: Stage = (lane, next) => (packet) => {
  if (lane.random.chance(lane.settings.loss)) lose(lane, packet, 'cable-loss');
  else next(packet);
};
