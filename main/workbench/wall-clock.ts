import type { Analysis } from '../analysis/analysis.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';

/** A packet is on its way to us for less than this, so capture time has surely come as far as the wall clock stood then. */
const LATENCY_MS = 1000;
/** What comes from a file later than this was captured in the past. */
const NOW_MS = 10_000;

/** Live, time passes though nothing is captured, and a TIME-WAIT ends. */
export function followWallClock(analysis: Analysis): void {
  const now = Date.now() - LATENCY_MS;
  analysis.advance(Math.floor(now / 1000), (now % 1000) * 1e6);
}

/** The last of these frames was captured just now, so that the wall clock tells how time goes on. */
export const isOfNow = ({ count, seconds }: FrameBatch): boolean => count > 0 && Math.abs(Date.now() - seconds[count - 1]! * 1000) < NOW_MS;
