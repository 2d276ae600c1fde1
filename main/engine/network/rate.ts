import { type Nanos, seconds } from '../../wire/units.ts';
import { lose, type Stage } from './lane.ts';
import { packetLength } from './packet.ts';

/** Sends one packet after the other at `rate` bits per second; a queue of `queue` packets waits, what comes on top is lost. */
export const pace: Stage = (lane, next) => {
  let freeAt = 0 as Nanos;
  let waiting = 0;
  return (packet) => {
    const { rate, queue } = lane.settings;
    const { now } = lane.clock;
    if (rate === undefined && waiting === 0) return next(packet);
    if (waiting >= queue) return lose(lane, packet, 'cable-queue-full');
    const spent = rate === undefined ? 0 : Math.round((packetLength(packet) * 8 * seconds(1)) / rate);
    freeAt = (Math.max(freeAt, now) + spent) as Nanos;
    waiting++;
    lane.clock.after((freeAt - now) as Nanos, () => {
      waiting--;
      next(packet);
    });
  };
};
