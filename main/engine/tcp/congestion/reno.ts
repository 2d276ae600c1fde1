import type { CongestionControl } from './control.ts';
import { growBy, slowStart } from './slow-start.ts';
import { isWindowLimited } from './usage.ts';

/** NewReno (RFC 5681 §3.1): in congestion avoidance one segment more each round trip, half the window after a loss. */
export const reno: CongestionControl = {
  name: 'reno',
  /** Half of what was allowed, never below two segments (equation 4, with Linux's cwnd for the flight size). */
  threshold: ({ congestion }) => Math.max(2, congestion.cwnd >> 1),
  grow({ congestion }, delivered) {
    if (!isWindowLimited(congestion)) return;
    const left = congestion.inSlowStart ? slowStart(congestion, delivered) : delivered;
    if (left > 0) growBy(congestion, congestion.cwnd, left);
  },
  undo: ({ congestion }) => Math.max(congestion.cwnd, congestion.priorCwnd),
};
