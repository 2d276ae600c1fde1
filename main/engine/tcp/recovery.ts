import { seqAtOrAfter, seqBefore } from '../../wire/seq.ts';
import { ms, type Nanos } from '../../wire/units.ts';
import type { AckNews } from './ack-news.ts';
import { enterPhase, settlePhase } from './congestion/phase.ts';
import { beginReduction, endReduction, enterCwr } from './congestion/prr.ts';
import { takeAckInLoss } from './forward-rto.ts';
import { lossDueIn, rackAfterAck, recoveryPassed, recoveryWasSpurious } from './rack.ts';
import { addDuplicates, markRenoLoss } from './reno-sack.ts';
import { noteReordering } from './reordering.ts';
import type { Tcb } from './tcb.ts';
import { mayUndo, originalWasDelayed, rememberForUndo, undoReduction } from './undo.ts';

/** How long a peer that forgot what it reported has at least to correct itself. */
const LEAST_PATIENCE = ms(10);

/**
 * What an ACK that is not plain progress means for loss recovery: the state machine of Linux's tcp_fastretrans_alert,
 * over RFC 6675 and RFC 8985 (with SACK) or RFC 6582 (without). First whether the trouble is over, then, by phase, what
 * is lost now and whether a recovery begins.
 */
export function judgeAck(tcb: Tcb, news: AckNews): void {
  const { congestion } = tcb;
  if (news.echo) congestion.priorSsthresh = 0; // congestion was confirmed: no undo
  if (forgottenByPeer(tcb, news)) return;
  if (congestion.phase === 'open') congestion.retransmittedAt = undefined;
  else if (seqAtOrAfter(tcb.sndUna, congestion.recover) && leave(tcb)) return;

  switch (congestion.phase) {
    case 'recovery':
      if (!inRecovery(tcb, news)) return;
      break;
    case 'loss':
      takeAckInLoss(tcb, news);
      identifyLoss(tcb, news);
      if ((congestion.phase as string) !== 'open' && !news.resentLost) return;
      if (!beginOrSettle(tcb, news)) return;
      break;
    default:
      if (!beginOrSettle(tcb, news)) return;
  }
  news.next = 'lost';
}

/** SND.UNA has passed the end of the trouble. True when nothing more is to be judged. */
function leave(tcb: Tcb): boolean {
  const { congestion } = tcb;
  if (congestion.phase === 'cwr') {
    // Held until something above is acknowledged, so that our CWR bit has reached the peer.
    if (tcb.sndUna === congestion.recover) return false;
    endReduction(tcb);
    enterPhase(tcb, 'open');
  } else if (congestion.phase === 'recovery') {
    if (!tcb.hasSack) tcb.sendQueue.sent.sackedOut = 0;
    if (tryUndoRecovery(tcb)) return true;
    endReduction(tcb);
  }
  return false;
}

/** In recovery; false when the ACK is dealt with. */
function inRecovery(tcb: Tcb, news: AckNews): boolean {
  const { congestion } = tcb;
  if (!news.advanced) {
    if (!tcb.hasSack) addDuplicates(tcb, news);
  } else if (undoPartially(tcb, news)) return false;
  if (tryUndoByDsack(tcb)) settle(tcb, news);
  identifyLoss(tcb, news);
  if (congestion.phase === 'recovery') return true;
  if (tcb.sendQueue.sent.lostOut === 0) return false;
  enterRecovery(tcb, news.echo);
  return true;
}

/** Outside recovery: a loss begins one. False when there is none. */
function beginOrSettle(tcb: Tcb, news: AckNews): boolean {
  const { sent } = tcb.sendQueue;
  const { congestion } = tcb;
  if (!tcb.hasSack) {
    if (news.advanced) sent.sackedOut = 0;
    addDuplicates(tcb, news);
  }
  if (congestion.phase === 'open' || congestion.phase === 'disorder') tryUndoByDsack(tcb);
  identifyLoss(tcb, news);
  if (sent.lostOut === 0) {
    settle(tcb, news);
    return false;
  }
  enterRecovery(tcb, news.echo);
  return true;
}

function identifyLoss(tcb: Tcb, news: AckNews): void {
  if (tcb.sendQueue.sent.length === 0) return;
  if (!tcb.hasSack) markRenoLoss(tcb, news);
  else if (rackAfterAck(tcb, news)) news.restartsTimer = false;
}

/** No loss is evident (Linux tcp_try_to_open). */
function settle(tcb: Tcb, news: AckNews): void {
  if (!tcb.sendQueue.sent.holdsRetransmission) tcb.congestion.retransmittedAt = undefined;
  if (news.echo) enterCwr(tcb);
  if (tcb.congestion.phase !== 'cwr') settlePhase(tcb);
}

export function enterRecovery(tcb: Tcb, echo: boolean): void {
  const { congestion, host } = tcb;
  host.counters.add(tcb.hasSack ? 'TCPSackRecovery' : 'TCPRenoRecovery');
  congestion.priorSsthresh = 0;
  rememberForUndo(tcb);
  if (!congestion.inReduction) {
    if (!echo) congestion.priorSsthresh = congestion.currentSsthresh;
    beginReduction(tcb);
  }
  enterPhase(tcb, 'recovery');
}

/** The recovery is over; perhaps there was no loss. True when its state is to be held a little longer. */
export function tryUndoRecovery(tcb: Tcb): boolean {
  const { congestion, host } = tcb;
  if (mayUndo(tcb)) {
    host.counters.add(congestion.phase === 'loss' ? 'TCPLossUndo' : 'TCPFullUndo');
    undoReduction(tcb, false);
  } else recoveryPassed(tcb);
  // RFC 6582 §4: without SACK, late duplicate ACKs of the end of this window must not begin a second recovery.
  if (!tcb.hasSack && tcb.sndUna === congestion.recover) {
    if (!tcb.sendQueue.sent.holdsRetransmission) congestion.retransmittedAt = undefined;
    return true;
  }
  enterPhase(tcb, 'open');
  return false;
}

/** Every retransmission was reported as a duplicate (RFC 3708): the reduction goes back. */
function tryUndoByDsack(tcb: Tcb): boolean {
  if (tcb.congestion.undoMarker === undefined || tcb.congestion.undoRetransmissions !== 0) return false;
  recoveryWasSpurious(tcb);
  undoReduction(tcb, false);
  tcb.host.counters.add('TCPDSACKUndo');
  return true;
}

/** A part was acknowledged, by its original and not by our copy: it was late. True to wait for the other copies. */
function undoPartially(tcb: Tcb, news: AckNews): boolean {
  const { sent } = tcb.sendQueue;
  if (tcb.congestion.undoMarker === undefined || !originalWasDelayed(tcb)) return false;
  noteReordering(tcb, news.priorUna, sent.sackedOut > 0 ? sent.highestSacked : tcb.sndUna, true);
  if (sent.resentOut > 0) return true;
  if (!sent.holdsRetransmission) tcb.congestion.retransmittedAt = undefined;
  undoReduction(tcb, true);
  tcb.host.counters.add('TCPPartialUndo');
  settlePhase(tcb);
  return false;
}

/**
 * The first segment is reported as arrived, yet SND.UNA stands before it: the peer has thrown it away (RFC 2018 §8). It
 * gets half a round trip to correct itself, then the retransmission timer fires.
 */
function forgottenByPeer(tcb: Tcb, news: AckNews): boolean {
  const { sent } = tcb.sendQueue;
  if (!news.advanced || !sent.head?.sacked) return false;
  news.restartsTimer = false;
  tcb.timers.set('retransmit', Math.max(tcb.roundTrip.srtt / 2, LEAST_PATIENCE) as Nanos);
  return true;
}

/** The retransmission timer ran out (RFC 5681 §3.1, Linux tcp_enter_loss): what is not known to have arrived is lost. */
export function enterLoss(tcb: Tcb): void {
  const { congestion, host, rack } = tcb;
  const { sent } = tcb.sendQueue;
  const { phase } = congestion;
  const isNewTrouble = phase !== 'recovery' && phase !== 'loss';
  const isCalm = phase === 'open' || phase === 'disorder';
  const sackedBefore = sent.sackedOut;
  markLostByTimeout(tcb);
  if (isCalm || !seqBefore(tcb.sndUna, congestion.recover) || (phase === 'loss' && tcb.timeouts === 0)) {
    congestion.priorSsthresh = congestion.currentSsthresh;
    congestion.priorCwnd = congestion.cwnd;
    congestion.ssthresh = congestion.control.threshold(tcb);
    rememberForUndo(tcb);
  }
  congestion.cwnd = sent.inFlight + 1;
  congestion.credit = 0;
  const usual = host.sysctls.now['net.ipv4.tcp_reordering'];
  if (isCalm && sackedBefore >= usual) rack.reordering = Math.min(rack.reordering, usual);
  congestion.recover = tcb.sndNxt;
  tcb.tailProbe = undefined;
  enterPhase(tcb, 'loss');
  tcb.forwardRto = host.sysctls.now['net.ipv4.tcp_frto'] !== 0 && (isNewTrouble || tcb.timeouts > 0);
}

function markLostByTimeout(tcb: Tcb): void {
  const { sent } = tcb.sendQueue;
  const { head } = sent;
  if (head?.sacked) {
    tcb.host.counters.add('TCPSACKReneging');
    sent.forgetSacks();
    tcb.sackSeen = undefined;
  } else if (!tcb.hasSack) sent.sackedOut = 0;
  for (const segment of sent) {
    if (segment.sacked) continue;
    // What was sent a moment ago may still arrive (RFC 8985 §6.3).
    if (segment !== head && tcb.hasSack && lossDueIn(tcb, segment, 0) > 0) continue;
    sent.lose(segment);
  }
}
