import { Flag, type Segment, segmentLength } from '../../../wire/segment.ts';
import { seqAdd, seqAfter, seqAtOrBefore, seqBefore } from '../../../wire/seq.ts';
import type { Nanos } from '../../../wire/units.ts';
import { sendChallengeAck } from '../challenge-ack.ts';
import { finish, startFinWait2 } from '../finish.ts';
import { startKeepalive } from '../keepalive.ts';
import { resetInAnswer } from '../output.ts';
import { confirmFastOpen, promote } from '../passive-open.ts';
import { setState } from '../state.ts';
import { takeAcknowledgment } from '../take-acknowledgment.ts';
import type { Tcb } from '../tcb.ts';
import { enterTimeWait } from '../time-wait.ts';
import { closeSending } from '../user/close.ts';
import { has, refuse, stampsOf, type Verdict } from './check.ts';

/** Fifth check (RFC 9293 §3.10.7.4): what the ACK acknowledges, and what state that leads to. */
export function checkAck(tcb: Tcb, segment: Segment): Verdict {
  if (!has(segment, Flag.ACK)) return refuse(tcb, segment, 'no-ack');
  if (tcb.fastOpen && tcb.state !== 'SYN-RECEIVED' && seqAfter(segment.ack, tcb.iss)) confirmFastOpen(tcb); // closed meanwhile
  if (tcb.state === 'SYN-RECEIVED') {
    if (checkAckOfSyn(tcb, segment) === 'done') return 'done';
  } else if (seqAfter(segment.ack, tcb.sndNxt)) {
    sendChallengeAck(tcb); // it acknowledges what was never sent
    return refuse(tcb, segment, 'unacceptable-ack');
  } else if (seqBefore(segment.ack, seqAdd(tcb.sndUna, -tcb.maxWindow))) {
    sendChallengeAck(tcb); // too old to be true (RFC 5961 §5.2)
    return refuse(tcb, segment, 'unacceptable-ack');
  }
  takeAcknowledgment(tcb, segment, stampsOf(tcb, segment)?.echo ?? 0);
  return closeOnAck(tcb, segment);
}

/** SYN-RECEIVED: the third segment of the handshake. */
function checkAckOfSyn(tcb: Tcb, segment: Segment): Verdict {
  if (!seqAfter(segment.ack, tcb.iss) || !seqAtOrBefore(segment.ack, tcb.sndNxt)) {
    tcb.host.send(tcb.localAddress, tcb.remoteAddress, resetInAnswer(segment), 'reset');
    return refuse(tcb, segment, 'unacceptable-ack');
  }
  const { listener } = tcb;
  if (tcb.fastOpen) confirmFastOpen(tcb);
  else if (listener && waitsForData(tcb, segment)) {
    tcb.handshakeDone = true;
    tcb.host.counters.add('TCPDeferAcceptDrop');
    return refuse(tcb, segment, 'waits-for-data');
  } else if (listener && !promote(tcb, listener)) {
    refuse(tcb, segment, 'accept-queue-full');
    if (tcb.host.sysctls.now['net.ipv4.tcp_abort_on_overflow'] === 0) return 'done';
    tcb.host.send(tcb.localAddress, tcb.remoteAddress, resetInAnswer(segment), 'reset');
    tcb.host.counters.add('EmbryonicRsts');
    finish(tcb, 'abort');
    return 'done';
  }
  tcb.sndWl1 = seqAdd(segment.seq, -1); // so that this segment, whose window is the first scaled one, updates it
  const { synAckSentAt } = tcb;
  if (synAckSentAt !== undefined && tcb.backoff === 0)
    tcb.roundTrip.sample((tcb.host.clock.now - synAckSentAt) as Nanos, tcb.sndUna, tcb.sndNxt);
  tcb.synAckSentAt = undefined;
  tcb.backoff = 0;
  tcb.rack.delivered++; // the SYN,ACK is not among the segments tracked
  setState(tcb, 'ESTABLISHED', 'ack-of-syn', segment);
  startKeepalive(tcb);
  if (tcb.finQueued) closeSending(tcb); // shutdown(SHUT_WR) came before
  tcb.holder?.wake();
  return 'continue';
}

/**
 * TCP_DEFER_ACCEPT: the bare third segment wakes nobody; the connection stays in the SYN queue until data comes. One that a
 * cookie brought has no place there, and nobody would send its SYN,ACK again: it is accepted at once, as in Linux.
 */
const waitsForData = (tcb: Tcb, segment: Segment): boolean =>
  tcb.synAckSentAt !== undefined && tcb.backoff < tcb.settings.deferAccept && segmentLength(segment) === 0 && segment.seq === tcb.rcvNxt;

/** Our FIN is acknowledged when everything is. */
function closeOnAck(tcb: Tcb, segment: Segment): Verdict {
  if (!tcb.finSent || tcb.sndUna !== tcb.sndNxt) return 'continue';
  switch (tcb.state) {
    case 'FIN-WAIT-1':
      setState(tcb, 'FIN-WAIT-2', 'ack-of-fin', segment);
      tcb.holder?.wake();
      if (tcb.orphan && tcb.settings.finWait2 === -1) {
        tcb.host.counters.add('TCPAbortOnData'); // TCP_LINGER2: nobody waits for the peer's FIN, and the peer is told
        tcb.host.send(tcb.localAddress, tcb.remoteAddress, resetInAnswer(segment), 'reset');
        finish(tcb, 'fin-wait-2-timeout', undefined, segment);
        return 'done';
      }
      startFinWait2(tcb);
      return 'continue';
    case 'CLOSING':
      enterTimeWait(tcb, 'ack-of-fin', segment);
      return 'done';
    case 'LAST-ACK':
      finish(tcb, 'ack-of-fin', undefined, segment);
      return 'done';
    default:
      return 'continue';
  }
}
