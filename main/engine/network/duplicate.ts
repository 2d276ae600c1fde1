import type { Stage } from './lane.ts';

/** Delivers a packet twice with the probability `duplication`. */
export const duplicate: Stage = (lane, next) => (packet) => {
  const twice = lane.random.chance(lane.settings.duplication);
  next(packet);
  if (twice) next(packet);
};
