import { seqAfter, seqAtOrAfter } from '../../wire/seq.ts';
import type { AckNews } from './ack-news.ts';
import { enterPhase } from './congestion/phase.ts';
import { tryUndoRecovery } from './recovery.ts';
import { addDuplicates } from './reno-sack.ts';
import type { Tcb } from './tcb.ts';
import { mayUndo, undoReduction } from './undo.ts';

/**
 * F-RTO (RFC 5682 §3.1, SACK-enhanced, as Linux tcp_process_loss): after a timeout the next ACKs tell whether anything
 * was lost at all. If something arrives that was sent once only, the timeout was spurious and the reduction goes back.
 */
export function takeAckInLoss(tcb: Tcb, news: AckNews): void {
  const { congestion } = tcb;
  const recovered = seqAtOrAfter(tcb.sndUna, congestion.recover);
  if (news.advanced && tryUndoTimeout(tcb, false)) return;
  if (tcb.forwardRto) {
    if (news.originalArrived && tryUndoTimeout(tcb, true)) return; // step 3.b
    if (seqAfter(tcb.sndNxt, congestion.recover)) {
      if (news.sacked > 0 || news.duplicates > 0) tcb.forwardRto = false; // step 3.a: the loss was real
    } else if (news.advanced && !recovered) {
      congestion.recover = tcb.sndNxt;
      // Step 2.b: new data first; what comes back for it decides.
      if (tcb.sendQueue.unsent > 0 && seqAfter(tcb.windowEnd, tcb.sndNxt)) {
        news.next = 'new';
        return;
      }
      tcb.forwardRto = false;
    }
  }
  if (recovered) {
    tryUndoRecovery(tcb); // step 2.a and the end of every recovery from a timeout
    return;
  }
  if (!tcb.hasSack) {
    if (seqAfter(tcb.sndNxt, congestion.recover) && news.duplicates > 0) addDuplicates(tcb, news);
    else if (news.advanced) tcb.sendQueue.sent.sackedOut = 0;
  }
  news.next = 'lost';
}

/** The timeout was spurious: nothing had been lost, it was only late (Linux tcp_try_undo_loss). */
function tryUndoTimeout(tcb: Tcb, byForwardRto: boolean): boolean {
  if (!byForwardRto && !mayUndo(tcb)) return false;
  const { counters } = tcb.host;
  undoReduction(tcb, true);
  counters.add('TCPLossUndo');
  if (byForwardRto) counters.add('TCPSpuriousRTOs');
  tcb.timeouts = 0;
  if (!tcb.hasSack && tcb.sndUna === tcb.congestion.recover) return true; // RFC 6582 §4: hold the state a little longer
  if (byForwardRto || tcb.hasSack) enterPhase(tcb, 'open');
  return true;
}
