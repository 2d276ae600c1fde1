import type { Analysis } from '../analysis/analysis.ts';

/** A packet is on its way to us for less than this, so capture time has surely come as far as the wall clock stood then. */
const LATENCY_MS = 1000;

/** Live, time passes though nothing is captured, and a TIME-WAIT ends. */
export function followWallClock(analysis: Analysis): void {
  const now = Date.now() - LATENCY_MS;
  analysis.advance(Math.floor(now / 1000), (now % 1000) * 1e6);
}
