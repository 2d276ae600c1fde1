import type { Segment } from '../../wire/segment.ts';
import { type SeqNum, seqAdd } from '../../wire/seq.ts';
import { jiffies } from '../jiffies.ts';
import type { Ends } from '../probes.ts';
import { fastOpenCookieIn, judgeFastOpen } from './fast-open.ts';
import { release } from './finish.ts';
import { initialSequenceNumber, timestampOffset } from './isn.ts';
import type { Listener } from './listener.ts';
import { agreeOnOptions, offerOptions, optionOf, TIMESTAMPS_OCTETS, timestampNow } from './options.ts';
import { ownReceiveQueue } from './queues.ts';
import { initialWindow } from './receive-window.ts';
import { INITIAL_RTO } from './rtt.ts';
import { setState } from './state.ts';
import { sendSynAck } from './syn-ack.ts';
import { cookieFor, cookieTimestamp } from './syn-cookie.ts';
import { Tcb } from './tcb.ts';

/** What a SYN in TIME-WAIT brings along for its new incarnation. */
export interface Reopening {
  readonly iss: SeqNum;
}

/** The connection a SYN asks for, as yet known to nobody. */
function draft(listener: Listener, ends: Ends, syn: Segment, iss: SeqNum, born: 'LISTEN' | 'TIME-WAIT' = 'LISTEN'): Tcb {
  const { host } = listener;
  const tcb = new Tcb(host, ends, listener.settings, born);
  tcb.irs = syn.seq;
  tcb.rcvNxt = seqAdd(syn.seq, 1);
  tcb.rcvWup = tcb.rcvNxt;
  tcb.iss = iss;
  tcb.sndUna = iss;
  tcb.sndNxt = seqAdd(iss, 1);
  tcb.sndWnd = syn.window;
  tcb.sndWl1 = syn.seq;
  tcb.maxWindow = syn.window;
  tcb.tsOffset = timestampOffset(host, ends);
  tcb.acks.lastDataAt = jiffies(host.clock.now);
  offerOptions(tcb);
  agreeOnOptions(tcb, syn);
  // Whole segments, as they will be: the timestamps agreed on take room in each (Linux tcp_openreq_init_rwin).
  initialWindow(tcb, tcb.advertisedMss - (tcb.hasTimestamps ? TIMESTAMPS_OCTETS : 0));
  return tcb;
}

/** Takes its place in the tables, half open. */
function register(tcb: Tcb, listener: Listener, syn: Segment): void {
  tcb.listener = listener;
  tcb.host.connections.add(tcb);
  setState(tcb, 'SYN-RECEIVED', 'syn', syn);
}

/** LISTEN, third check: a SYN begins a connection of its own in the SYN queue (RFC 9293 §3.10.7.2). */
export function beginPassiveOpen(listener: Listener, ends: Ends, syn: Segment, reopening?: Reopening): Tcb {
  const { host } = listener;
  const iss = reopening?.iss ?? initialSequenceNumber(host, ends);
  const tcb = draft(listener, ends, syn, iss, reopening ? 'TIME-WAIT' : 'LISTEN');
  register(tcb, listener, syn);
  const { open, grant } = judgeFastOpen(listener, ends, syn);
  tcb.fastOpenOption = grant && { octets: grant, experimental: fastOpenCookieIn(syn)?.experimental ?? false };
  if (open) takeFastOpen(tcb, listener, syn);
  else listener.embryo(tcb);
  sendSynAck(tcb);
  tcb.timers.set('syn-ack', INITIAL_RTO);
  return tcb;
}

/** TCP Fast Open: the data of the SYN is taken, and accept() need not wait for the third segment (RFC 7413 §4.2.2). */
function takeFastOpen(tcb: Tcb, listener: Listener, syn: Segment): void {
  tcb.fastOpen = listener;
  listener.fastOpenPending.add(tcb);
  tcb.sndUna = tcb.sndNxt; // its data counts from behind the SYN, whose own timer watches over it
  ownReceiveQueue(tcb).append(syn.payload);
  tcb.rcvNxt = seqAdd(tcb.rcvNxt, syn.payload.length);
  tcb.synDataTaken = syn.payload.length > 0;
  listener.offer(tcb);
}

/** The third segment of a connection opened fast: from here on it is like any other. */
export function confirmFastOpen(tcb: Tcb): void {
  tcb.fastOpen?.fastOpenPending.delete(tcb);
  tcb.fastOpen = undefined;
  tcb.timers.cancel('syn-ack');
}

/** Answers a SYN from a draft that is forgotten at once: the cookie in the SYN,ACK will tell us again. */
export function answerWithCookie(listener: Listener, ends: Ends, syn: Segment): void {
  const { host } = listener;
  // Without timestamps nothing but the MSS fits into the cookie, so nothing but the MSS is agreed on.
  const asked = optionOf(syn, 'timestamps') ? syn.options : syn.options.filter(({ kind }) => kind === 'mss');
  const tcb = draft(listener, ends, { ...syn, options: asked }, cookieFor(host, ends, syn, optionOf(syn, 'mss')?.octets ?? 536));
  tcb.tsOffset += cookieTimestamp(tcb) - timestampNow({ host, tsOffset: 0 });
  listener.lastCookieAt = host.clock.now;
  host.counters.add('SyncookiesSent');
  sendSynAck(tcb);
}

/** The third segment brought a cookie back: the connection as it would have been, ready to take that segment. */
export function openFromCookie(listener: Listener, ends: Ends, syn: Segment, segment: Segment): Tcb {
  const tcb = draft(listener, ends, syn, seqAdd(segment.ack, -1));
  register(tcb, listener, syn);
  return tcb;
}

/**
 * The third segment came: from the SYN queue to the accept queue. False when that is full. The caller then drops the
 * segment; the client already thinks it is connected, so the SYN,ACK will be sent again until there is room.
 */
export function promote(tcb: Tcb, listener: Listener): boolean {
  if (listener.isFull) {
    listener.turnAway(true);
    return false;
  }
  listener.forget(tcb);
  tcb.timers.cancel('syn-ack');
  listener.offer(tcb);
  return true;
}

/** Back to LISTEN (RFC 9293 §3.10.7.4, second check): the half-open connection is forgotten, its listener listens on. */
export function backToListen(tcb: Tcb, trigger: 'rst' | 'syn', segment: Segment): void {
  tcb.host.counters.add('EmbryonicRsts');
  setState(tcb, 'LISTEN', trigger, segment);
  release(tcb);
}
