import { jiffies } from '../jiffies.ts';
import { tellWindow } from './congestion/tell.ts';
import { withdrawCwr } from './ecn.ts';
import type { Tcb } from './tcb.ts';

/** Remembers what is needed to take a reduction back (Linux tcp_init_undo). */
export function rememberForUndo(tcb: Tcb): void {
  const { congestion, tailProbe, sendQueue } = tcb;
  congestion.undoMarker = tcb.sndUna;
  const out = sendQueue.sent.resentOut + (tailProbe?.retransmitted ? 1 : 0);
  congestion.undoRetransmissions = out || -1; // 0 would say that every retransmission has been reported as a duplicate
}

/** The ACK was caused by something sent before the first retransmission: it was late, not lost (Eifel, RFC 3522 §3). */
export function originalWasDelayed({ congestion, lastEcho, hasTimestamps, tsOffset }: Tcb): boolean {
  if (!hasTimestamps || lastEcho === 0 || congestion.retransmittedAt === undefined) return false;
  const stamp = (Math.floor(congestion.retransmittedAt / 1e6) + tsOffset) >>> 0;
  return ((lastEcho - stamp) | 0) < 0;
}

/** Every retransmission came twice (RFC 3708), or the original is known to have arrived (RFC 4015). */
export const mayUndo = (tcb: Tcb): boolean =>
  tcb.congestion.undoMarker !== undefined && (tcb.congestion.undoRetransmissions === 0 || originalWasDelayed(tcb));

/** Takes the reduction back; `forgive` also takes back what is marked as lost. */
export function undoReduction(tcb: Tcb, forgive: boolean): void {
  const { congestion: window, sendQueue, rack, host } = tcb;
  if (forgive) sendQueue.sent.forgetLosses();
  if (window.priorSsthresh > 0) {
    window.cwnd = window.control.undo(tcb);
    if (window.priorSsthresh > window.ssthresh) {
      window.ssthresh = window.priorSsthresh;
      withdrawCwr(tcb);
    }
  }
  window.fullAt = jiffies(host.clock.now);
  window.undoMarker = undefined;
  rack.advanced = true; // what is left has to be judged anew
  tellWindow(tcb);
}
