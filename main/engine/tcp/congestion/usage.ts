import { seqAtOrAfter } from '../../../wire/seq.ts';
import type { Nanos } from '../../../wire/units.ts';
import { jiffies, nanosSince } from '../../jiffies.ts';
import type { Tcb } from '../tcb.ts';
import { tellWindow } from './tell.ts';
import { type CongestionWindow, INITIAL_WINDOW } from './window.ts';

/**
 * A window that is not used proves nothing about the network, so only a full one may grow (RFC 7661 in spirit, Linux
 * tcp_is_cwnd_limited). In slow start half of it in use is enough.
 */
export const isWindowLimited = (window: CongestionWindow): boolean =>
  window.limited || (window.inSlowStart && window.cwnd < 2 * window.mostOut);

/** Data was sent: notes how much of the window that took (Linux tcp_cwnd_validate). */
export function noteUsage(tcb: Tcb, limited: boolean): void {
  const { congestion: window, host } = tcb;
  const out = tcb.sendQueue.sent.length;
  if (limited || seqAtOrAfter(tcb.sndUna, window.usageEnds) || (!window.limited && out > window.mostOut)) {
    window.limited = limited;
    window.mostOut = out;
    window.usageEnds = tcb.sndNxt;
  }
  const { now } = host.clock;
  if (isWindowLimited(window)) {
    window.usedCwnd = 0;
    window.fullAt = jiffies(now);
    return;
  }
  window.usedCwnd = Math.max(window.usedCwnd, out);
  if (host.sysctls.now['net.ipv4.tcp_slow_start_after_idle'] !== 0 && nanosSince(window.fullAt, now) >= tcb.roundTrip.rto)
    forgetUnused(tcb, now);
}

/** For a whole timeout the user or the peer kept it from being full: half of what was not used goes (RFC 2861 §3.2). */
function forgetUnused(tcb: Tcb, now: Nanos): void {
  const { congestion: window } = tcb;
  if (window.phase === 'open') {
    const used = Math.max(window.usedCwnd, INITIAL_WINDOW);
    if (used < window.cwnd) {
      window.ssthresh = window.currentSsthresh;
      window.cwnd = (window.cwnd + used) >> 1;
      tellWindow(tcb);
    }
    window.usedCwnd = 0;
  }
  window.fullAt = jiffies(now);
}
