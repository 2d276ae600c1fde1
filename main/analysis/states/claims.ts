import { type ChangeLog, isTransition, stateName, triggerName } from '../change-log.ts';
import type { Clock } from '../clock.ts';
import { type Flow, Known } from '../flow.ts';
import { type PacketColumns, slot } from '../packet-columns.ts';

/**
 * What is claimed of endpoints. An endpoint is named by the flow it sends. Every change goes through `change`, and the
 * transition table has the last word.
 */
export class Claims {
  private readonly log: ChangeLog;
  private readonly columns: PacketColumns;
  private readonly clock: Clock;

  constructor(log: ChangeLog, columns: PacketColumns, clock: Clock) {
    this.log = log;
    this.columns = columns;
    this.clock = clock;
  }

  /** The state an endpoint was in when its connection's first frame was captured. */
  start(flow: Flow, state: number, assumed: boolean): void {
    flow.state = flow.initialState = state;
    if (assumed) {
      flow.set(Known.ASSUMED);
      flow.set(Known.ASSUMED_START);
    }
  }

  /**
   * A change caused by `packet` and shown by `evidence`. A claim built on a guess is a guess. Where `packet` was captured
   * before the endpoint's previous change took place, the two crossed on the way, and the evidence dates the change.
   */
  change(flow: Flow, trigger: number, to: number, packet: number, evidence: number, assumed = false): void {
    if (!isTransition(flow.state, trigger, to)) refuse(flow.state, trigger, to);
    if (assumed) flow.set(Known.ASSUMED);
    const crossed = flow.lastChange >= 0 && packet < this.log.datedBy(flow.lastChange);
    flow.lastChange = this.log.add(flow.lastChange, to, trigger, flow.has(Known.ASSUMED), packet, evidence, crossed);
    flow.state = to;
  }

  /** Takes the last change back: what came later shows it had not happened. What follows rests on a guess. */
  retract(flow: Flow): void {
    const gone = flow.lastChange;
    flow.lastChange = this.log.previous(gone);
    this.log.free(gone);
    flow.state = flow.lastChange < 0 ? flow.initialState : this.log.state(flow.lastChange);
  }

  /** Keeps the change just taken back out of use, until it is put back or freed. */
  hold(): number {
    return this.log.takeSpare();
  }

  /** A change that was held stands no more. */
  free(change: number): void {
    this.log.free(change);
  }

  /** Puts back a change that was held. */
  restore(flow: Flow, change: number): void {
    this.log.link(change, flow.lastChange);
    flow.lastChange = change;
    flow.state = this.log.state(change);
  }

  /** The last change may not have taken place. What follows does not rest on it. */
  doubt(flow: Flow): void {
    this.log.doubt(flow.lastChange);
  }

  /** The trigger of an endpoint's last change, or -1. */
  lastTrigger(flow: Flow): number {
    return flow.lastChange < 0 ? -1 : this.log.trigger(flow.lastChange);
  }

  /** When a packet was captured. */
  timeOf(packet: number): number {
    return this.columns.time(packet, this.clock);
  }

  /** A packet brought data. */
  hasData(packet: number): boolean {
    return this.columns.page(packet).length(slot(packet)) > 0;
  }

  /** The packet behind an endpoint's last change, or -1. */
  lastPacket(flow: Flow): number {
    return flow.lastChange < 0 ? -1 : this.log.packet(flow.lastChange);
  }
}

function refuse(from: number, trigger: number, to: number): never {
  throw new Error(`the transition table has no row ${stateName(from)}, ${triggerName(trigger)}, ${stateName(to)}`);
}
