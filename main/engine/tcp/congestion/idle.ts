import type { Nanos } from '../../../wire/units.ts';
import { jiffies, nanosSince } from '../../jiffies.ts';
import type { Tcb } from '../tcb.ts';
import { tellWindow } from './tell.ts';
import { INITIAL_WINDOW } from './window.ts';

/**
 * Slow start after idle (RFC 5681 §4.1, net.ipv4.tcp_slow_start_after_idle): after a pause of a whole timeout nothing is
 * known of the network any more. As Linux has it the window halves for each timeout that passed, down to the initial
 * one (RFC 2861 §3.1), where the RFC would drop to it at once.
 */
export function restartAfterIdle(tcb: Tcb): void {
  const { congestion: window, host } = tcb;
  if (tcb.sendQueue.sent.length > 0) return;
  const { rto } = tcb.roundTrip;
  const { now } = host.clock;
  let idle: number = nanosSince(tcb.lastSentAt, now);
  const pause = Math.min(idle, nanosSince(tcb.lastHeardAt, now));
  if (pause > 0) window.control.resumed?.(tcb, pause as Nanos);
  if (idle <= rto || host.sysctls.now['net.ipv4.tcp_slow_start_after_idle'] === 0) return;
  const restart = Math.min(INITIAL_WINDOW, window.cwnd);
  let { cwnd } = window;
  window.ssthresh = window.currentSsthresh;
  for (idle -= rto; idle > 0 && cwnd > restart; idle -= rto) cwnd >>= 1;
  window.cwnd = Math.max(cwnd, restart);
  window.fullAt = jiffies(now);
  window.usedCwnd = 0;
  tellWindow(tcb);
}
