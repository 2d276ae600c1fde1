import type { Clock } from '../clock.ts';
import type { DropReason, Probes } from '../probes.ts';
import type { Random } from '../random.ts';
import type { CableSettings } from './cable.ts';
import type { Deliver, Packet } from './packet.ts';

/** One direction of a cable: what its stages share. */
export interface Lane {
  readonly clock: Clock;
  readonly random: Random;
  readonly probes: Probes;
  /** Read anew for every packet, so that a change takes effect at once. */
  readonly settings: CableSettings;
  readonly from: string;
  readonly to: string;
}

/** Wraps what comes after it. Every stage has this shape, so faults stack in any order. */
export type Stage = (lane: Lane, next: Deliver) => Deliver;

/** Tells whoever listens that the packet went no further. */
export function lose({ probes, clock, from: host }: Pick<Lane, 'probes' | 'clock' | 'from'>, packet: Packet, reason: DropReason): void {
  const { src, dst, segment } = packet;
  if (!segment) {
    if (probes.wants('packet-drop')) probes.emit({ kind: 'packet-drop', at: clock.now, host, packet, reason });
  } else if (probes.wants('drop')) probes.emit({ kind: 'drop', at: clock.now, host, src, dst, segment, reason });
}
