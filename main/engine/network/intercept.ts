import type { Nanos } from '../../wire/units.ts';
import { lose, type Stage } from './lane.ts';

/** Lets an experiment decide about single segments of TCP: pass, drop, or hold for a while (others overtake it meanwhile). */
export const intercept: Stage = (lane, next) => (packet) => {
  const verdict = (packet.segment && lane.settings.intercept?.(packet, lane.from)) ?? 'pass';
  if (verdict === 'pass') next(packet);
  else if (verdict === 'drop') lose(lane, packet, 'cable-intercepted');
  else lane.clock.after(verdict as Nanos, () => next(packet));
};
