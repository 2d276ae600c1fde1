import { Flag, type Segment, segmentLength } from '../../../wire/segment.ts';
import { type SeqNum, seq, seqAdd, seqAfter, seqAtOrBefore, seqBefore } from '../../../wire/seq.ts';
import { ms } from '../../../wire/units.ts';
import { wholeSeconds } from '../../jiffies.ts';
import { ackOutOfWindow, sendChallengeAck } from '../challenge-ack.ts';
import { sendSynAck } from '../syn-ack.ts';
import type { Tcb } from '../tcb.ts';
import { has, refuse, stampsOf, type Verdict } from './check.ts';

const STAMP_LIFE = 24 * 86_400; // seconds; RFC 7323 §5.5: after 24 days the peer's clock may have come round

/**
 * First check (RFC 9293 §3.10.7.4): is the segment in the window, and not from the past (PAWS, RFC 7323 §5.3)?
 * One that is not gets an ACK, so that a peer whose ACK was lost can move on. A RST gets silence: its sender would answer
 * our ACK with the next RST, and so on without end.
 */
export function checkSequence(tcb: Tcb, segment: Segment): Verdict {
  if (repeatsTheSyn(tcb, segment)) {
    // The SYN again: our SYN,ACK was lost. Linux sends it again at once instead of the bare ACK of the RFC.
    sendSynAck(tcb);
    return refuse(tcb, segment, 'duplicate');
  }
  const stamps = stampsOf(tcb, segment);
  if (stamps && isFromThePast(tcb, stamps.value) && !has(segment, Flag.RST) && !isOvertakenAck(tcb, segment, stamps.value)) {
    tcb.host.counters.add('PAWSEstab');
    tcb.acks.duplicate = tcb.hasSack ? duplicateOf(tcb, segment) : undefined;
    ackOutOfWindow(tcb, segment);
    return refuse(tcb, segment, 'old-timestamp');
  }
  if (!isInWindow(tcb, segment)) {
    if (has(segment, Flag.RST)) return refuse(tcb, segment, 'outside-window');
    if (has(segment, Flag.SYN)) {
      tcb.host.counters.add('TCPSYNChallenge');
      sendChallengeAck(tcb);
    } else {
      tcb.acks.duplicate = tcb.hasSack ? duplicateOf(tcb, segment) : undefined;
      ackOutOfWindow(tcb, segment);
    }
    return refuse(tcb, segment, 'outside-window');
  }
  // RFC 7323 §4.3: only a segment that reaches back to our last ACK may set the timestamp we echo; on Linux none that
  // acknowledges what was never sent, or a stranger's guess could make the peer's own timestamps look old.
  const acksNothingUnsent = seqAtOrBefore(segment.ack, tcb.sndNxt);
  if (stamps && acksNothingUnsent && seqAtOrBefore(segment.seq, tcb.rcvWup) && !isFromThePast(tcb, stamps.value)) {
    tcb.tsRecent = stamps.value;
    tcb.tsRecentAt = wholeSeconds(tcb.host.clock.now);
  }
  return 'continue';
}

/** From where we last acknowledged to the end of the window, as Linux judges: what is older than RCV.NXT is trimmed later. */
function isInWindow(tcb: Tcb, segment: Segment): boolean {
  const end = seqAdd(segment.seq, segmentLength(segment));
  return !seqBefore(end, tcb.rcvWup) && !seqAfter(segment.seq, seqAdd(tcb.rcvNxt, tcb.receiveWindow));
}

function isFromThePast(tcb: Tcb, stamp: number): boolean {
  const age = wholeSeconds(tcb.host.clock.now) - tcb.tsRecentAt;
  return ((stamp - tcb.tsRecent) | 0) < 0 && age < STAMP_LIFE;
}

/**
 * An ACK that a later one overtook: it says nothing new and does no harm, and as a duplicate ACK it still tells of loss
 * (Linux tcp_disordered_ack).
 */
function isOvertakenAck(tcb: Tcb, segment: Segment, stamp: number): boolean {
  const age = ((tcb.tsRecent - stamp) | 0) * ms(1);
  const isBare = has(segment, Flag.ACK) && segmentLength(segment) === 0 && segment.seq === tcb.rcvNxt;
  return isBare && segment.ack === tcb.sndUna && segment.window << tcb.sndWindScale <= tcb.sndWnd && age <= 1.2 * tcb.roundTrip.rto;
}

const repeatsTheSyn = (tcb: Tcb, segment: Segment): boolean =>
  tcb.state === 'SYN-RECEIVED' &&
  (tcb.listener ?? tcb.fastOpen) !== undefined &&
  segment.seq === tcb.irs &&
  (segment.flags & (Flag.SYN | Flag.ACK | Flag.RST | Flag.FIN)) === Flag.SYN;

/** Octets we already had, to be reported as such (RFC 2883). */
function duplicateOf(tcb: Tcb, segment: Segment): { left: SeqNum; right: SeqNum } | undefined {
  const end = seq(segment.seq + segment.payload.length);
  if (segment.payload.length === 0 || seqAfter(end, tcb.rcvNxt)) return undefined;
  tcb.host.counters.add('TCPDSACKOldSent');
  return { left: segment.seq, right: end };
}
