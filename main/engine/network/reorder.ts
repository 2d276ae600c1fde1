import type { Stage } from './lane.ts';

/** Holds a packet back by `reorderBy` with the probability `reordering`, so that later ones overtake it. */
export const reorder: Stage = (lane, next) => (packet) => {
  const { reordering, reorderBy } = lane.settings;
  if (lane.random.chance(reordering)) lane.clock.after(reorderBy, () => next(packet));
  else next(packet);
};
