import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqAfter, seqAtOrBefore, seqDistance } from '../../wire/seq.ts';
import type { SendCause } from '../probes.ts';
import { sendSegment } from './output.ts';
import { startPersist } from './persist.ts';
import { inFlight, nextLost } from './recovery.ts';
import { backedOff } from './rtt.ts';
import type { SentSegment } from './send-queue.ts';
import type { Tcb } from './tcb.ts';
import { isUrgent } from './urgent.ts';
import { withinUserTimeout } from './user-timeout.ts';

/** Sends all that may go now: first what was lost, then what is new; then makes sure that some timer watches over it. */
export function transmit(tcb: Tcb): void {
  retransmitLost(tcb);
  sendNew(tcb);
  if (tcb.sendQueue.sent.length === 0 && hasUnsent(tcb)) startPersist(tcb);
}

/** Data or a FIN waits to be sent for the first time. */
export const hasUnsent = (tcb: Tcb): boolean => tcb.sendQueue.unsent > 0 || (tcb.finQueued && !tcb.finSent);

/** States in which data and FIN may leave; before, they wait for the handshake. */
function mayTransmit(tcb: Tcb): boolean {
  switch (tcb.state) {
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
    case 'FIN-WAIT-1':
    case 'CLOSING':
    case 'LAST-ACK':
      return true;
    default:
      return false;
  }
}

function sendNew(tcb: Tcb): void {
  if (!hasUnsent(tcb) || !mayTransmit(tcb)) return;
  const { congestion } = tcb;
  let flying = inFlight(tcb);
  congestion.limited = false;
  while (hasUnsent(tcb)) {
    if (flying >= congestion.cwnd) {
      congestion.limited = true;
      break;
    }
    const octets = Math.min(tcb.mss, tcb.sendQueue.unsent);
    // FIN rides with the last data when both fit the window (as on Linux, where it is part of the last buffer).
    const carriesFin = tcb.finQueued && octets === tcb.sendQueue.unsent;
    // Linux sends a segment whole or not at all; a window too small for it is left to the persist timer.
    if (seqAfter(seqAdd(tcb.sndNxt, octets + (carriesFin ? 1 : 0)), tcb.windowEnd)) break;
    if (nagleWaits(tcb, octets, carriesFin)) break;
    sendNext(tcb, octets, carriesFin);
    flying++;
  }
  // In slow start half a window in use is enough reason to grow (Linux tcp_is_cwnd_limited).
  if (congestion.inSlowStart && congestion.cwnd < 2 * flying) congestion.limited = true;
}

/** Nagle as Minshall refined it: a small segment waits while another small one is unacknowledged (RFC 9293 §3.7.4). */
function nagleWaits(tcb: Tcb, octets: number, carriesFin: boolean): boolean {
  if (octets >= tcb.mss || carriesFin || tcb.settings.noDelay || isUrgent(tcb)) return false;
  return seqAfter(tcb.sndSml, tcb.sndUna) && seqAtOrBefore(tcb.sndSml, tcb.sndNxt);
}

/** Sends the next `octets` of the queue as one new segment. */
export function sendNext(tcb: Tcb, octets: number, carriesFin: boolean): void {
  const { payload, push } = tcb.sendQueue.take(octets);
  const flags = Flag.ACK | (push ? Flag.PSH : 0) | (carriesFin ? Flag.FIN : 0);
  const end = seqAdd(tcb.sndNxt, octets + (carriesFin ? 1 : 0));
  if (octets < tcb.mss) tcb.sndSml = end;
  if (carriesFin) tcb.finSent = true;
  const segment = track(tcb, { seq: tcb.sndNxt, end, payload, flags });
  tcb.sndNxt = end;
  if (octets > 0) tcb.acks.dataSent();
  put(tcb, segment, octets > 0 ? 'data' : 'fin');
}

/** Remembers a segment until it is acknowledged. */
export function track(tcb: Tcb, fresh: Pick<SentSegment, 'seq' | 'end' | 'payload' | 'flags'>): SentSegment {
  const segment = { ...fresh, sentAt: tcb.host.clock.now, transmissions: 0, sacked: false, lost: false, resent: false };
  tcb.sendQueue.sent.push(segment);
  return segment;
}

/** Sends a tracked segment, for the first time or again, and sees to the retransmission timer (RFC 6298 §5.1). */
export function put(tcb: Tcb, segment: SentSegment, cause: SendCause): void {
  const again = segment.transmissions++ > 0;
  segment.sentAt = tcb.host.clock.now;
  tcb.lastSentAt = segment.sentAt;
  if (again) {
    segment.resent = true;
    segment.lost = true; // the copy counts instead of the original
    tcb.host.counters.add('RetransSegs');
  }
  sendSegment(tcb, segment.seq, segment.flags, segment.payload, cause);
  if (!tcb.timers.isSet('retransmit')) armRetransmit(tcb);
}

/** Our SYN is not acknowledged yet. */
export const isOpening = (tcb: Tcb): boolean => tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';

export function armRetransmit(tcb: Tcb): void {
  tcb.timers.cancel('persist');
  // The first tcp_syn_linear_timeouts waits for an answer to a SYN are equal; then each doubles, as always with data.
  const linear = isOpening(tcb) ? tcb.host.sysctls.get('net.ipv4.tcp_syn_linear_timeouts') : 0;
  const delay = backedOff(tcb.roundTrip.rto, Math.max(0, tcb.backoff - linear));
  tcb.timers.set('retransmit', withinUserTimeout(tcb, delay, tcb.backoff > 0 ? tcb.stalledSince : undefined));
}

function retransmitLost(tcb: Tcb): void {
  if (tcb.congestion.phase === 'open') return;
  let flying = inFlight(tcb);
  while (flying < tcb.congestion.cwnd) {
    const segment = nextLost(tcb);
    if (!segment) return;
    const { counters } = tcb.host;
    counters.add(tcb.congestion.phase === 'loss' ? 'TCPSlowStartRetrans' : 'TCPFastRetrans');
    put(tcb, segment, tcb.congestion.phase === 'loss' ? 'retransmission' : 'fast-retransmission');
    flying++;
  }
}

/** Drops from the queue what `ack` covers; a segment covered in part keeps its rest. Returns the segments fully covered. */
export function forgetAcknowledged(tcb: Tcb): SentSegment[] {
  const { sent } = tcb.sendQueue;
  const done: SentSegment[] = [];
  for (let head = sent.at(0); head && seqAtOrBefore(head.end, tcb.sndUna); head = sent.at(0)) {
    done.push(head);
    sent.shift();
  }
  const head = sent.at(0);
  if (head && seqAfter(tcb.sndUna, head.seq)) {
    head.payload = head.payload.subarray(seqDistance(head.seq, tcb.sndUna));
    head.seq = tcb.sndUna;
  }
  return done;
}
