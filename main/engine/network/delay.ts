import type { Nanos } from '../../wire/units.ts';
import type { Stage } from './lane.ts';

/**
 * Takes `delay` to arrive, and up to `jitter` more, drawn for each packet; with jitter one packet may overtake another,
 * as with netem.
 */
export const delay: Stage = (lane, next) => (packet) => {
  const { delay, jitter } = lane.settings;
  const extra = jitter > 0 ? lane.random.below(jitter + 1) : 0;
  lane.clock.after((delay + extra) as Nanos, () => next(packet));
};
