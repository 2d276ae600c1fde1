import type { Segment } from '../../../wire/segment.ts';
import type { DropReason } from '../../probes.ts';
import { optionOf } from '../options.ts';
import type { Tcb } from '../tcb.ts';

/** Whether the walk through the checks goes on. */
export type Verdict = 'continue' | 'done';

/** One check of an arriving segment against the connection it belongs to. */
export type Check = (tcb: Tcb, segment: Segment) => Verdict;

/** The segment goes no further. */
export function refuse(tcb: Tcb, segment: Segment, reason: DropReason): Verdict {
  tcb.host.drop(tcb, segment, reason);
  return 'done';
}

export const has = (segment: Segment, flag: number): boolean => (segment.flags & flag) !== 0;

/** The timestamps of a segment, where they are in use. */
export const stampsOf = (tcb: Tcb, segment: Segment) => (tcb.hasTimestamps ? optionOf(segment, 'timestamps') : undefined);
