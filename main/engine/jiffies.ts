import type { Nanos } from '../wire/units.ts';

/**
 * Whole milliseconds on a circle of 2^32, as Linux's tcp_jiffies32: good enough for what is compared with timeouts, and
 * without a box of its own for each moment that a connection remembers.
 */
export type Jiffies = number;

const MILLISECOND = 1e6;

export const jiffies = (now: Nanos): Jiffies => Math.floor(now / MILLISECOND) | 0;

/** From `then` to `now`, which lie less than 24 days apart. */
export const nanosSince = (then: Jiffies, now: Nanos): Nanos => (((jiffies(now) - then) | 0) * MILLISECOND) as Nanos;

/** Whole seconds since the beginning. */
export const wholeSeconds = (now: Nanos): number => Math.floor(now / 1e9);
