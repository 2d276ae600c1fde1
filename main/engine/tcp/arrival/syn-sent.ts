import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqAdd, seqAfter, seqAtOrBefore, seqDistance } from '../../../wire/seq.ts';
import { onReset } from '../finish.ts';
import { startKeepalive } from '../keepalive.ts';
import { agreeOnOptions, optionOf } from '../options.ts';
import { EMPTY, resetInAnswer, sendAck } from '../output.ts';
import { setState } from '../state.ts';
import { takeAcknowledgment } from '../take-acknowledgment.ts';
import type { Tcb } from '../tcb.ts';
import { put, track, transmit } from '../transmit.ts';
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
  const isAnswered = tcb.fastOpenAsked && takeFastOpenAnswer(tcb, segment);
  setState(tcb, 'ESTABLISHED', 'syn-ack', segment);
  startKeepalive(tcb);
  tcb.wake?.();
  const before = tcb.sndNxt;
  transmit(tcb); // data written meanwhile takes the ACK along
  if (tcb.sndNxt !== before || isAnswered) return;
  // Whoever says that data will come soon lets the ACK wait for it.
  if (tcb.settings.deferAccept > 0 || tcb.acks.interactive) tcb.acks.putOffThird();
  else sendAck(tcb);
}

/** RFC 7413 §4.2.1: a cookie for next time; data the server did not take is sent again at once, and takes the ACK along. */
function takeFastOpenAnswer(tcb: Tcb, segment: Segment): boolean {
  const { host, remoteAddress, sendQueue } = tcb;
  const cookie = optionOf(segment, 'fast-open')?.cookie;
  if (cookie && cookie.length > 0) host.fastOpenCache.set(remoteAddress, { cookie, mss: optionOf(segment, 'mss')?.octets ?? 536 });
  const { head } = sendQueue.sent;
  if (head) {
    host.counters.add('TCPFastOpenActiveFail');
    put(tcb, head, 'retransmission');
    return true;
  }
  if (seqDistance(tcb.iss, tcb.sndUna) > 1) {
    tcb.synDataTaken = true;
    if (tcb.rack.delivered > 1) tcb.rack.delivered--; // SYN and data stand apart here, but were one packet
    host.counters.add('TCPFastOpenActive');
  }
  return false;
}

/** Both ends open at once (RFC 9293 §3.5, figure 8): our SYN goes out again, this time with an ACK. */
function openedFromBothSides(tcb: Tcb, segment: Segment): void {
  setState(tcb, 'SYN-RECEIVED', 'syn', segment);
  const early = [...tcb.sendQueue.sent].filter(({ payload }) => payload.length > 0);
  tcb.sendQueue.sent.clear();
  for (const { payload } of early) tcb.sendQueue.write(payload); // what went with the SYN follows in its own segment
  tcb.sndNxt = seqAdd(tcb.iss, 1);
  tcb.backoff = 0;
  tcb.timers.cancel('retransmit');
  const synAck = track(tcb, tcb.iss, tcb.sndNxt, EMPTY, Flag.SYN | Flag.ACK);
  put(tcb, synAck, 'syn-ack');
}
