import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter, seqAtOrBefore, seqBefore } from '../../wire/seq.ts';
import { jiffies } from '../jiffies.ts';
import type { SendCause } from '../probes.ts';
import { restartAfterIdle } from './congestion/idle.ts';
import { noteUsage } from './congestion/usage.ts';
import { sendSegment } from './output.ts';
import { startPersist } from './persist.ts';
import { SentSegment } from './scoreboard.ts';
import type { Tcb } from './tcb.ts';
import { rearmRetransmit, watch, watchNewData } from './transmission-timer.ts';
import { isUrgent } from './urgent.ts';

/** Sends all new data that may go now; then makes sure that some timer watches over it. */
export function transmit(tcb: Tcb, small = heldBy(tcb)): void {
  if (!hasUnsent(tcb) || !mayTransmit(tcb)) return;
  sendNew(tcb, small);
  if (tcb.sendQueue.sent.length === 0 && hasUnsent(tcb)) startPersist(tcb);
}

/** What holds a small segment back: nothing, another small one under way (Nagle), or whatever is under way and to come (TCP_CORK). */
type Holding = 'nothing' | 'nagle' | 'cork';

function heldBy({ settings }: Tcb): Holding {
  if (settings.cork) return 'cork';
  return settings.noDelay ? 'nothing' : 'nagle';
}

/** Data or a FIN waits to be sent for the first time. */
export const hasUnsent = (tcb: Tcb): boolean => tcb.sendQueue.unsent > 0 || (mayFinish(tcb) && !tcb.finSent);

/** The FIN waits for its turn only; shutdown(SHUT_WR) in SYN-RECEIVED waits for the handshake, too. */
const mayFinish = (tcb: Tcb): boolean => tcb.finQueued && tcb.state !== 'SYN-RECEIVED';

/** States in which data and FIN may leave; before, they wait for the handshake. */
function mayTransmit(tcb: Tcb): boolean {
  switch (tcb.state) {
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
    case 'FIN-WAIT-1':
    case 'CLOSING':
    case 'LAST-ACK':
      return true;
    case 'SYN-RECEIVED':
      return tcb.fastOpen !== undefined;
    default:
      return false;
  }
}

/**
 * New data, as far as the window of congestion control and that of the peer reach. SACKed segments and, without SACK,
 * duplicate ACKs are not in flight any more, so each of the first two lets a new segment out: limited transmit (RFC 3042).
 */
function sendNew(tcb: Tcb, small: Holding): void {
  const { congestion, sendQueue } = tcb;
  const { sent } = sendQueue;
  restartAfterIdle(tcb);
  const before = sent.length;
  let flying = sent.inFlight;
  while (flying < congestion.cwnd && sendNextIfAllowed(tcb, small)) flying++;
  const count = sent.length - before;
  const limited = flying >= congestion.cwnd;
  if (congestion.inReduction) congestion.prrOut += count;
  if (count > 0) watchNewData(tcb);
  if (count > 0 || limited) noteUsage(tcb, limited);
}

function sendNextIfAllowed(tcb: Tcb, small: Holding): boolean {
  const { unsent } = tcb.sendQueue;
  if (unsent === 0 && !hasUnsent(tcb)) return false;
  const octets = Math.min(tcb.mss, unsent);
  // FIN rides with the last data when both fit the window (as on Linux, where it is part of the last buffer).
  const carriesFin = mayFinish(tcb) && octets === unsent;
  // Linux sends a segment whole or not at all; a window too small for it is left to the persist timer.
  if (seqAfter(seqAdd(tcb.sndNxt, octets + (carriesFin ? 1 : 0)), tcb.windowEnd)) return false;
  if (small !== 'nothing' && smallWaits(tcb, octets, carriesFin, small)) return false;
  sendNext(tcb, octets, carriesFin);
  return true;
}

/** Nagle as Minshall refined it: a small segment waits while another small one is unacknowledged (RFC 9293 §3.7.4). */
function smallWaits(tcb: Tcb, octets: number, carriesFin: boolean, holding: Holding): boolean {
  if (octets >= tcb.mss || carriesFin || isUrgent(tcb)) return false;
  if (holding === 'cork') return true; // until it is full, the user lets go, or the persist timer loses patience
  return seqAfter(tcb.sndSml, tcb.sndUna) && seqAtOrBefore(tcb.sndSml, tcb.sndNxt);
}

/** Sends the next `octets` of the queue as one new segment; the caller sees to the timer. */
export function sendNext(tcb: Tcb, octets: number, carriesFin: boolean): void {
  const { sendQueue } = tcb;
  const payload = sendQueue.take(octets);
  // A FIN by itself pushes nothing.
  const pushes = octets > 0 && sendQueue.endsWrite;
  const flags = Flag.ACK | (pushes ? Flag.PSH : 0) | (carriesFin ? Flag.FIN : 0);
  const end = seqAdd(tcb.sndNxt, octets + (carriesFin ? 1 : 0));
  if (octets < tcb.mss) tcb.sndSml = end;
  if (carriesFin) tcb.finSent = true;
  const segment = track(tcb, tcb.sndNxt, end, payload, flags);
  tcb.sndNxt = end;
  if (octets > 0) tcb.acks.dataSent();
  emit(tcb, segment, octets > 0 ? 'data' : 'fin');
}

/** Something new for a tail loss probe: neither Nagle nor the congestion window holds it back (RFC 8985 §7.3). */
export function sendProbe(tcb: Tcb): 'sent' | 'cannot' {
  return mayTransmit(tcb) && sendNextIfAllowed(tcb, 'nothing') ? 'sent' : 'cannot';
}

/** Remembers a segment until it is acknowledged. */
export function track(tcb: Tcb, seq: SeqNum, end: SeqNum, payload: Uint8Array, flags: number): SentSegment {
  const segment = new SentSegment(seq, end, payload, flags);
  tcb.sendQueue.sent.add(segment);
  return segment;
}

/** Sends a tracked segment, for the first time or again, and sees to it that a timer watches (RFC 6298 §5.1). */
export function put(tcb: Tcb, segment: SentSegment, cause: SendCause): void {
  emit(tcb, segment, cause);
  watch(tcb);
}

function emit(tcb: Tcb, segment: SentSegment, cause: SendCause): void {
  const { sent } = tcb.sendQueue;
  const { now } = tcb.host.clock;
  sent.sent(segment, now);
  tcb.lastSentAt = jiffies(now);
  if (segment.transmissions > 1) noteRetransmission(tcb, segment, cause);
  sendWithinMss(tcb, segment, cause);
}

function noteRetransmission(tcb: Tcb, segment: SentSegment, cause: SendCause): void {
  const { congestion, host } = tcb;
  host.counters.add('RetransSegs');
  tcb.retransmissions++;
  if (cause === 'loss-probe') return; // it replaces nothing that is known to be lost
  if (segment.lost) tcb.sendQueue.sent.resent(segment);
  congestion.retransmittedAt ??= segment.sentAt;
  congestion.undoRetransmissions = Math.max(0, congestion.undoRetransmissions) + 1;
}

/** Sends again what was lost, as far as the congestion window reaches, the lowest first (RFC 6675 §5, Linux tcp_xmit_retransmit_queue). */
export function transmitLost(tcb: Tcb): void {
  const { congestion, sendQueue, host } = tcb;
  const { sent } = sendQueue;
  const { head } = sent;
  while (sent.inFlight < congestion.cwnd) {
    const segment = sent.nextLost();
    // Beyond what the peer takes, nothing goes again but the first, as a probe.
    if (!segment || (segment !== head && !seqBefore(segment.seq, tcb.windowEnd))) return;
    const isLoss = congestion.phase === 'loss';
    host.counters.add(isLoss ? 'TCPSlowStartRetrans' : 'TCPFastRetrans');
    put(tcb, segment, isLoss ? 'retransmission' : 'fast-retransmission');
    if (congestion.inReduction) congestion.prrOut++;
    if (segment === head && !tcb.timers.isSet('reordering')) rearmRetransmit(tcb, 'now');
  }
}

/** F-RTO wants to see what happens to new data; where none can go, what was lost goes (RFC 5682 §3.1, step 2.b). */
export function transmitNewFirst(tcb: Tcb): void {
  sendNew(tcb, 'nothing');
  if (seqAfter(tcb.sndNxt, tcb.congestion.recover)) return;
  tcb.forwardRto = false;
  transmitLost(tcb);
}

/** One segment, or several where the path has become narrower since it was formed. */
function sendWithinMss(tcb: Tcb, { seq, flags, payload }: SentSegment, cause: SendCause): void {
  let at = 0;
  for (; payload.length - at > tcb.mss; at += tcb.mss)
    sendSegment(tcb, seqAdd(seq, at), flags & ~(Flag.FIN | Flag.PSH), payload.subarray(at, at + tcb.mss), cause);
  sendSegment(tcb, seqAdd(seq, at), flags, at === 0 ? payload : payload.subarray(at), cause);
}
