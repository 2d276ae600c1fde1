import type { CongestionWindow } from './window.ts';

/** Growth by the ACK clock (RFC 5681 §3.1): one segment per acknowledged segment in slow start, one per window afterwards. */
export function grow(window: CongestionWindow, acked: number): void {
  if (!window.limited) return;
  let left = acked;
  if (window.inSlowStart) {
    const room = Math.min(left, window.ssthresh - window.cwnd);
    window.cwnd += room;
    left -= room;
  }
  if (left === 0) return;
  window.credit += left;
  if (window.credit < window.cwnd) return;
  const more = Math.floor(window.credit / window.cwnd);
  window.credit -= more * window.cwnd;
  window.cwnd += more;
}

/** Half of what was allowed, never below two segments (RFC 5681 §3.1, equation 4, with Linux's cwnd for the flight size). */
export const halved = (window: CongestionWindow): number => Math.max(2, window.cwnd >> 1);
