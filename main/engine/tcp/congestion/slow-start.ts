import type { CongestionWindow } from './window.ts';

/**
 * Slow start (RFC 5681 §3.1): one segment more for each delivered one, so the window doubles each round trip, up to the
 * threshold. Returns how many delivered segments are left for congestion avoidance.
 */
export function slowStart(window: CongestionWindow, delivered: number): number {
  const room = Math.min(delivered, window.ssthresh - window.cwnd);
  window.cwnd += room;
  return delivered - room;
}

/** Congestion avoidance: one segment more for every `per` delivered ones (Linux tcp_cong_avoid_ai). */
export function growBy(window: CongestionWindow, per: number, delivered: number): void {
  // Credit gathered while more was asked for is worth one segment now.
  if (window.credit >= per) {
    window.credit = 0;
    window.cwnd++;
  }
  window.credit += delivered;
  if (window.credit < per) return;
  const more = Math.floor(window.credit / per);
  window.credit -= more * per;
  window.cwnd += more;
}
