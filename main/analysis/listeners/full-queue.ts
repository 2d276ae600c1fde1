import type { Clock } from '../clock.ts';
import type { PacketColumns } from '../packet-columns.ts';
import type { Port } from './port.ts';
import type { QueueStays } from './queue-lengths.ts';

/** SYNs passed over that are more than chance. */
const FEWEST = 3;

/** A listener's queue that had no room. */
export interface FullQueue {
  readonly port: Port;
  readonly queue: 'accept' | 'syn';
  /** Connections that stood in it whenever a SYN was passed over; with fewer each was answered. */
  readonly holds: number;
  /** Rows of the SYNs passed over, in order. */
  readonly rows: readonly number[];
  /** It answered again once there was room. */
  readonly drained: boolean;
}

/**
 * A queue is full when SYNs are passed over exactly while it holds so many, and answered while it holds fewer (Linux drops a
 * SYN when the accept queue is full, and without cookies when the SYN queue is). A lossy path or a filter keeps no such count.
 */
export function fullQueueOf(port: Port, columns: PacketColumns, clock: Clock): FullQueue | undefined {
  if (port.passedOver.length < FEWEST || port.taken.length === 0) return undefined;
  const timeOf = (row: number) => columns.time(row, clock);
  const rows = [...port.passedOver].sort((a, b) => a - b);
  const passed = rows.map(timeOf);
  const taken = port.taken.map(timeOf);
  const drained = taken.some((time) => time > passed[0]!);
  for (const [queue, stays] of [
    ['accept', port.acceptQueue],
    ['syn', port.synQueue],
  ] as const) {
    const holds = boundary(stays, passed, taken);
    if (holds !== undefined) return { port, queue, holds, rows, drained };
  }
  return undefined;
}

/** The length from which on SYNs were passed over, if there is one; undefined where lengths do not tell them from those answered. */
function boundary(stays: QueueStays, passed: readonly number[], taken: readonly number[]): number | undefined {
  const lengthAt = stays.lengthBefore();
  let least = Number.POSITIVE_INFINITY;
  for (const time of passed) least = Math.min(least, lengthAt(time));
  return least > 0 && taken.every((time) => lengthAt(time) < least) ? least : undefined;
}
