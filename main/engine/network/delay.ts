import type { Nanos } from '../../wire/units.ts';
import { Timer } from '../clock.ts';
import type { Stage } from './lane.ts';
import type { Packet } from './packet.ts';

/** A packet under way. It is used again for the next one: a cable makes no garbage for each packet. */
interface Flight {
  packet: Packet | undefined;
  readonly timer: Timer;
}

/**
 * Takes `delay` to arrive, and up to `jitter` more, drawn for each packet; with jitter one packet may overtake another,
 * as with netem.
 */
export const delay: Stage = (lane, next) => {
  const idle: Flight[] = [];
  const makeFlight = (): Flight => {
    const flight: Flight = { packet: undefined, timer: new Timer(() => arrive(flight)) };
    return flight;
  };
  const arrive = (flight: Flight): void => {
    const packet = flight.packet!;
    flight.packet = undefined;
    idle.push(flight);
    next(packet);
  };
  return (packet) => {
    const { delay, jitter } = lane.settings;
    const flight = idle.pop() ?? makeFlight();
    flight.packet = packet;
    if (jitter > 0) lane.clock.set(flight.timer, (delay + lane.random.below(jitter + 1)) as Nanos);
    else lane.clock.row(delay).set(flight.timer);
  };
};
