import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter, seqAtOrBefore, seqBefore } from '../../wire/seq.ts';
import { jiffies } from '../jiffies.ts';
import type { SendCause } from '../probes.ts';
import { noteLimit } from './chronograph.ts';
import { restartAfterIdle } from './congestion/idle.ts';
import { noteUsage } from './congestion/usage.ts';
import { sendSegment } from './output.ts';
import { isItsTurn, isPaced, noteDeparture, waitsForTurn } from './pacing.ts';
import { startPersist } from './persist.ts';
import { ownSendQueue } from './queues.ts';
import { SentSegment } from './scoreboard.ts';
import { type Deferral, deferral, fitsWindow, mostSegments, segmentQuota, splitPoint } from './segmentation-offload.ts';
import { tellSent } from './send-notices.ts';
import type { Tcb } from './tcb.ts';
import { rearmRetransmit, watch, watchNewData } from './transmission-timer.ts';
import { isUrgent } from './urgent.ts';

/** What holds a small segment back: whatever is under way and to come (TCP_CORK, MSG_MORE), another small one under way (Nagle), or nothing. */
export type Holding = 'cork' | 'nagle' | 'nothing';

function heldBy({ settings }: Tcb): Holding {
  if (settings.cork) return 'cork';
  return settings.noDelay ? 'nothing' : 'nagle';
}

/** Sends all new data that may go now; then makes sure that some timer watches over it. */
export function transmit(tcb: Tcb, small = heldBy(tcb)): void {
  if (hasUnsent(tcb) && mayTransmit(tcb)) {
    sendNew(tcb, small);
    if (tcb.sendQueue.sent.length === 0 && hasUnsent(tcb) && !waitsForTurn(tcb)) startPersist(tcb);
  }
  noteLimit(tcb);
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
function sendNew(tcb: Tcb, small: Holding, mostBuffers = Number.POSITIVE_INFINITY): void {
  const { congestion, host } = tcb;
  const { sent } = ownSendQueue(tcb); // also where nothing but a FIN is to be sent
  restartAfterIdle(tcb);
  const before = sent.length;
  let flying = sent.inFlight;
  let limited = false;
  const paced = isPaced(tcb);
  for (let buffers = 0; buffers < mostBuffers; buffers++) {
    if (flying >= congestion.cwnd) break; // a FIN waits for room, too
    if (paced && !isItsTurn(tcb)) break;
    const outcome = host.gso ? sendBufferIfAllowed(tcb, small, flying, mostBuffers === 1) : sendNextIfAllowed(tcb, small);
    if (outcome === 'congestion-window') limited = true;
    if (typeof outcome !== 'number' || outcome === 0) break;
    flying += outcome;
  }
  const count = sent.length - before;
  limited ||= flying >= congestion.cwnd;
  if (congestion.inReduction) congestion.prrOut += count;
  if (count > 0) watchNewData(tcb);
  if (count > 0 || limited) noteUsage(tcb, limited);
}

/** One segment, if it may go: how many did. */
function sendNextIfAllowed(tcb: Tcb, small: Holding): number {
  const { sendQueue } = tcb;
  const { unsent } = sendQueue;
  if (unsent === 0 && !hasUnsent(tcb)) return 0;
  const octets = sendQueue.withinRecord(tcb.mss);
  // FIN rides with the last data when both fit the window (as on Linux, where it is part of the last buffer).
  const isLast = octets === unsent;
  const carriesFin = mayFinish(tcb) && isLast;
  // Linux sends a segment whole or not at all; a window too small for it is left to the persist timer.
  if (seqAfter(seqAdd(tcb.sndNxt, octets + (carriesFin ? 1 : 0)), tcb.windowEnd)) return 0;
  if (isLast && octets < tcb.mss && !carriesFin && smallWaits(tcb, small)) return 0;
  sendNext(tcb, octets, carriesFin);
  return 1;
}

/** The next buffer, or as much of it as may go at once, for the link to cut (Linux tcp_write_xmit): how many segments went, or what they wait for. */
function sendBufferIfAllowed(tcb: Tcb, small: Holding, flying: number, mustNotWait: boolean): number | Deferral {
  const { sendQueue, mss } = tcb;
  if (!hasUnsent(tcb)) return 0;
  const length = sendQueue.head?.length ?? 0;
  const isLast = sendQueue.length <= 1;
  const isFin = isLast && mayFinish(tcb);
  if (!fitsWindow(tcb, length, isFin)) return 0;
  const waits = isLast && !isFin && smallWaits(tcb, small);
  let octets = length;
  if (length <= mss) {
    if (waits && length < mss) return 0;
  } else {
    const most = mostSegments(tcb);
    const why = mustNotWait ? 'none' : deferral(tcb, length, flying, most);
    if (why !== 'none') return why;
    // Behind the urgent pointer segments differ, so they are formed one by one.
    octets = isUrgent(tcb) ? mss : splitPoint(tcb, length, Math.max(1, Math.min(segmentQuota(tcb, flying), most)), !waits);
  }
  sendNext(tcb, octets, isFin && octets === length && fitsWhole(tcb, octets));
  return Math.max(1, Math.ceil(octets / mss));
}

const fitsWhole = (tcb: Tcb, octets: number): boolean => !seqAfter(seqAdd(tcb.sndNxt, octets + 1), tcb.windowEnd);

/** The first buffer goes as soon as it is full, while the user still writes (Linux tcp_push_one). */
export function transmitOne(tcb: Tcb): void {
  if (mayTransmit(tcb)) sendNew(tcb, 'nothing', 1);
}

/** Nagle as Minshall refined it: a small segment waits while another small one is unacknowledged (RFC 9293 §3.7.4). */
function smallWaits(tcb: Tcb, small: Holding): boolean {
  if (small === 'nothing' || isUrgent(tcb)) return false;
  if (small === 'cork') return true; // until it is full, the user lets go, or the persist timer loses patience
  return seqAfter(tcb.sndSml, tcb.sndUna) && seqAtOrBefore(tcb.sndSml, tcb.sndNxt);
}

/** Sends the next `octets` of the queue, as one new segment or as one buffer for the link to cut; the caller sees to the timer. */
export function sendNext(tcb: Tcb, octets: number, carriesFin: boolean, pushes = false): void {
  const { mss } = tcb;
  const sendQueue = ownSendQueue(tcb);
  const payload = sendQueue.take(octets);
  const isBuffer = octets > mss;
  // A FIN by itself pushes nothing.
  const flags = Flag.ACK | (pushes || (octets > 0 && sendQueue.endsWrite) ? Flag.PSH : 0) | (carriesFin ? Flag.FIN : 0);
  const from = tcb.sndNxt;
  const end = seqAdd(from, octets + (carriesFin ? 1 : 0));
  if (octets % mss !== 0 || octets === 0) tcb.sndSml = end;
  if (carriesFin) tcb.finSent = true;
  tcb.sndNxt = end;
  if (octets > 0) tcb.acks.dataSent();
  const cause = octets > 0 ? 'data' : 'fin';
  if (tcb.host.gso) sendQueue.noteSent(end);
  if (isBuffer) trackBuffer(tcb, from, end, payload, flags);
  else noteSent(tcb, track(tcb, from, end, payload, flags), cause);
  if (octets > 0 && isPaced(tcb)) noteDeparture(tcb, octets);
  if (tcb.notices) tellSent(tcb);
  // Linux ends what the link cuts with PSH, so that a receiver that gathers segments need not wait for more (__tcp_transmit_skb).
  if (isBuffer) sendSegment(tcb, from, flags | Flag.PSH, payload, cause, mss);
  else sendSegment(tcb, from, flags, payload, cause);
}

/** Each segment the link makes of a buffer may be lost by itself, so each is remembered by itself. */
function trackBuffer(tcb: Tcb, from: SeqNum, end: SeqNum, payload: Uint8Array, flags: number): void {
  const { mss } = tcb;
  for (let at = 0; at < payload.length; at += mss) {
    const isLast = at + mss >= payload.length;
    const part = payload.subarray(at, at + mss);
    const segment = track(tcb, seqAdd(from, at), isLast ? end : seqAdd(from, at + mss), part, isLast ? flags : Flag.ACK);
    noteSent(tcb, segment, 'data');
  }
}

/** Something new for a tail loss probe: neither Nagle nor the congestion window holds it back (RFC 8985 §7.3). */
export function sendProbe(tcb: Tcb): 'sent' | 'cannot' {
  if (!mayTransmit(tcb)) return 'cannot';
  const flying = Math.min(tcb.sendQueue.sent.inFlight, tcb.congestion.cwnd - 1);
  const outcome = tcb.host.gso ? sendBufferIfAllowed(tcb, 'nothing', flying, true) : sendNextIfAllowed(tcb, 'nothing');
  return typeof outcome === 'number' && outcome > 0 ? 'sent' : 'cannot';
}

/** Remembers a segment until it is acknowledged. */
export function track(tcb: Tcb, seq: SeqNum, end: SeqNum, payload: Uint8Array, flags: number): SentSegment {
  const segment = new SentSegment(seq, end, payload, flags);
  ownSendQueue(tcb).sent.add(segment);
  return segment;
}

/** Sends a tracked segment, for the first time or again, and sees to it that a timer watches (RFC 6298 §5.1). */
export function put(tcb: Tcb, segment: SentSegment, cause: SendCause): void {
  // The path has become narrower since it was formed: it goes in parts, each with a fate of its own.
  if (segment.payload.length > tcb.mss) tcb.sendQueue.sent.split(segment, tcb.mss);
  noteSent(tcb, segment, cause);
  if (segment.payload.length > 0 && isPaced(tcb)) noteDeparture(tcb, segment.payload.length);
  sendSegment(tcb, segment.seq, segment.flags, segment.payload, cause);
  watch(tcb);
}

function noteSent(tcb: Tcb, segment: SentSegment, cause: SendCause): void {
  const { now } = tcb.host.clock;
  tcb.sendQueue.sent.sent(segment, now);
  tcb.lastSentAt = jiffies(now);
  if (segment.transmissions > 1) noteRetransmission(tcb, segment, cause);
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
    if (isPaced(tcb) && !isItsTurn(tcb)) return;
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
