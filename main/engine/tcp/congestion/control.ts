import type { Nanos } from '../../../wire/units.ts';
import type { Tcb } from '../tcb.ts';
import { Cubic } from './cubic.ts';
import { reno } from './reno.ts';
import type { Phase } from './window.ts';

/** How a congestion window grows and shrinks: what Linux calls a congestion control module. */
export interface CongestionControl {
  readonly name: string;
  /** The slow start threshold after a loss. */
  threshold(tcb: Tcb): number;
  /** So many segments were delivered, and the window may grow. */
  grow(tcb: Tcb, delivered: number): void;
  /** The window to go back to when the loss was none. */
  undo(tcb: Tcb): number;
  /** A round trip was measured. */
  measured?(tcb: Tcb, roundTrip: Nanos): void;
  entered?(tcb: Tcb, phase: Phase): void;
  /** Data leaves after a pause in which nothing was under way. */
  resumed?(tcb: Tcb, pause: Nanos): void;
}

/** What net.ipv4.tcp_available_congestion_control lists. */
export const CONGESTION_CONTROLS = ['cubic', 'reno'] as const;
export type CongestionControlName = (typeof CONGESTION_CONTROLS)[number];

export const isCongestionControl = (name: unknown): name is CongestionControlName =>
  (CONGESTION_CONTROLS as readonly unknown[]).includes(name);

export const congestionControl = (name: CongestionControlName): CongestionControl => (name === 'cubic' ? new Cubic() : reno);
