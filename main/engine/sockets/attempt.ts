import type { Result } from '../../wire/result.ts';
import type { Errno } from './errno.ts';

/** How a call ends. */
export type Done<T> = (result: Result<T, Errno>) => void;

/** A call that can be tried again and again. */
export interface Attempt<T> {
  /** Undefined means that it would block. */
  try(): Result<T, Errno> | undefined;
  /** SO_RCVTIMEO or SO_SNDTIMEO has passed: what the call gives then, where that is not just EAGAIN. */
  timedOut?(): Result<T, Errno> | undefined;
}

/** What the program is given of what an attempt gave. */
export type Settle<R, T> = (result: Result<R, Errno>) => Result<T, Errno>;

export const asItIs = <T>(result: Result<T, Errno>): Result<T, Errno> => result;

/** Milliseconds that a call may wait: a socket option's, or one of these. */
export const Patience = { NONE: 0, ENDLESS: Number.POSITIVE_INFINITY } as const;
