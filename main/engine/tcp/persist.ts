import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqBefore, seqDistance } from '../../wire/seq.ts';
import { giveUp } from './finish.ts';
import { EMPTY, sendSegment } from './output.ts';
import { backedOff, MAX_RTO } from './rtt.ts';
import type { Tcb } from './tcb.ts';
import { watch } from './transmission-timer.ts';
import { hasUnsent, sendNext } from './transmit.ts';
import { isBeyondUserTimeout, withinUserTimeout } from './user-timeout.ts';

/**
 * Zero-window probing (RFC 9293 §3.8.6.1): data waits, nothing is under way, so no ACK will come by itself. If the
 * window update that reopened the window was lost, both sides would wait for ever.
 */
export function startPersist(tcb: Tcb): void {
  if (tcb.timers.isSet('persist') || tcb.timers.isSet('retransmit')) return;
  tcb.probingSince ??= tcb.host.clock.now;
  tcb.timers.set('persist', withinUserTimeout(tcb, backedOff(tcb.roundTrip.rto, tcb.persistBackoff), tcb.probingSince));
}

/** The window opened, or at least somebody answered. */
export function onWindowNews(tcb: Tcb, opened: boolean): void {
  tcb.probesOut = 0;
  tcb.probingSince = undefined;
  if (!tcb.timers.isSet('persist')) return;
  if (opened) tcb.persistBackoff = 0;
  tcb.timers.cancel('persist');
}

export function onPersistTimeout(tcb: Tcb): void {
  if (!hasUnsent(tcb) || tcb.sendQueue.sent.length > 0) return;
  if (tcb.probesOut >= mostProbes(tcb) || isBeyondUserTimeout(tcb, tcb.probingSince ?? tcb.host.clock.now)) {
    giveUp(tcb);
    return;
  }
  tcb.host.counters.add('TCPWinProbe');
  const room = seqBefore(tcb.sndNxt, tcb.windowEnd) ? seqDistance(tcb.sndNxt, tcb.windowEnd) : 0;
  const octets = tcb.sendQueue.withinRecord(Math.min(room, tcb.mss));
  if (octets > 0) {
    // The window is open, only not far enough for the segment that waits: send what fits.
    sendNext(tcb, octets, false, true);
    watch(tcb);
    return;
  }
  // An octet already acknowledged is outside the window and must be answered with the window as it is; no data is risked.
  sendSegment(tcb, seqAdd(tcb.sndUna, -1), Flag.ACK, EMPTY, 'window-probe');
  tcb.probesOut++;
  if (tcb.persistBackoff < tcb.host.sysctls.now['net.ipv4.tcp_retries2']) tcb.persistBackoff++;
  startPersist(tcb);
}

/** A process may wait as long as the peer answers; an orphan has less patience (tcp_orphan_retries). */
function mostProbes(tcb: Tcb): number {
  const { sysctls } = tcb.host;
  if (!tcb.orphan) return sysctls.now['net.ipv4.tcp_retries2'];
  const alive = backedOff(tcb.roundTrip.rto, tcb.persistBackoff) < MAX_RTO;
  const retries = sysctls.now['net.ipv4.tcp_orphan_retries'];
  return retries === 0 && alive ? 8 : retries;
}
