import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqAdd, seqAfter, seqAtOrBefore } from '../../../wire/seq.ts';
import { jiffies } from '../../jiffies.ts';
import { takeFastOpenAnswer } from '../fast-open-client.ts';
import { onReset } from '../finish.ts';
import { startKeepalive } from '../keepalive.ts';
import { agreeOnOptions } from '../options.ts';
import { resetInAnswer, sendAck } from '../output.ts';
import { setState } from '../state.ts';
import { takeAcknowledgment } from '../take-acknowledgment.ts';
import type { Tcb } from '../tcb.ts';
import { put, transmit } from '../transmit.ts';
import { has, refuse, stampsOf } from './check.ts';

/** SYN-SENT (RFC 9293 §3.10.7.3), in its order: ACK, RST, SYN. */
export function arriveSynSent(tcb: Tcb, segment: Segment): void {
  const hasAck = has(segment, Flag.ACK);
  if (hasAck && !acknowledgesOurSyn(tcb, segment)) {
    refuse(tcb, segment, 'unacceptable-ack');
    if (!has(segment, Flag.RST)) tcb.host.send(tcb.localAddress, tcb.remoteAddress, resetInAnswer(segment), 'reset');
    return;
  }
  if (has(segment, Flag.RST)) {
    // Without an ACK anybody could have sent it, blindly.
    if (hasAck) onReset(tcb, segment);
    else refuse(tcb, segment, 'reset-not-exact');
    return;
  }
  if (!has(segment, Flag.SYN)) {
    refuse(tcb, segment, 'not-a-syn');
    return;
  }
  takeSyn(tcb, segment);
  if (hasAck) established(tcb, segment);
  else openedFromBothSides(tcb, segment);
}

function acknowledgesOurSyn(tcb: Tcb, segment: Segment): boolean {
  if (!seqAfter(segment.ack, tcb.iss) || !seqAtOrBefore(segment.ack, tcb.sndNxt)) return false;
  const stamps = stampsOf(tcb, segment);
  const sentAs = (stamp: number): boolean => ((stamp - tcb.tsOffset) >>> 0) * 1e6 <= tcb.host.clock.now;
  if (!stamps || stamps.echo === 0 || sentAs(stamps.echo)) return true;
  tcb.host.counters.add('PAWSActive'); // it echoes a timestamp we have not sent yet
  return false;
}

/** What the peer's SYN tells. */
function takeSyn(tcb: Tcb, segment: Segment): void {
  tcb.irs = segment.seq;
  tcb.rcvNxt = seqAdd(segment.seq, 1);
  tcb.rcvWup = tcb.rcvNxt;
  agreeOnOptions(tcb, segment);
  tcb.sndWnd = segment.window; // in a SYN it is not scaled (RFC 7323 §2.2)
  tcb.maxWindow = segment.window;
  tcb.sndWl1 = segment.seq;
}

function established(tcb: Tcb, segment: Segment): void {
  takeAcknowledgment(tcb, segment, stampsOf(tcb, segment)?.echo ?? 0);
  setState(tcb, 'ESTABLISHED', 'syn-ack', segment);
  tcb.acks.lastDataAt = jiffies(tcb.host.clock.now);
  const isAnswered = takeFastOpenAnswer(tcb, segment) === 'data-sent-again';
  startKeepalive(tcb);
  tcb.holder?.wake();
  const before = tcb.sndNxt;
  transmit(tcb); // data written meanwhile takes the ACK along
  if (tcb.sndNxt !== before || isAnswered) return;
  // Whoever has data to come soon lets the ACK wait for it.
  if (tcb.writePending || tcb.settings.deferAccept > 0 || tcb.acks.interactive) tcb.acks.putOffThird();
  else sendAck(tcb);
}

/**
 * Both ends open at once (RFC 9293 §3.5, figure 8): our SYN goes out again, this time with an ACK. What it carried before
 * stays under way; a peer that did not take it gets it by timeout.
 */
function openedFromBothSides(tcb: Tcb, segment: Segment): void {
  setState(tcb, 'SYN-RECEIVED', 'syn', segment);
  const { head } = tcb.sendQueue.sent;
  if (!head) return;
  tcb.sendQueue.sent.turnInto(head, Flag.SYN | Flag.ACK);
  put(tcb, head, 'syn-ack');
}
