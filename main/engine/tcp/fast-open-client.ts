import type { IpAddress } from '../../wire/ip-address.ts';
import { Flag, type Segment } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import type { Host } from '../host.ts';
import { takeFin } from './arrival/fin.ts';
import { resendWithoutCongestion } from './congestion-free-loss.ts';
import { FastOpenBit, type FastOpenCookie, fastOpenAllows, fastOpenCookieIn } from './fast-open.ts';
import { fastOpenPauses } from './fast-open-black-hole.ts';
import { optionOf } from './options.ts';
import { ownReceiveQueue } from './queues.ts';
import type { SocketSettings } from './settings.ts';
import type { Tcb } from './tcb.ts';
import { track } from './transmit.ts';

/** What a client did to open fast. */
export interface FastOpenAttempt {
  /** The SYN showed a cookie or asked for one, with the experimental option or that of the RFC; a cookie in the answer is for us. */
  readonly optionSent: FastOpenCookie | undefined;
  /** Data for the SYN; taken away when that has left. */
  data: Uint8Array | undefined;
  /** Octets that the SYN carried. */
  readonly dataOctets: number;
  /** Fast Open was given up for a while, and this is a new attempt. */
  readonly afterPause: boolean;
}

/** Octets of options that a SYN with data leaves room for: middleboxes may add their own (Linux MAX_TCP_OPTION_SPACE). */
const OPTION_SPACE = 40;
const QUESTION = new Uint8Array(0);

const needsNoCookie = (host: Host, settings: SocketSettings): boolean =>
  fastOpenAllows(host, FastOpenBit.clientWithoutCookie) || settings.fastOpenWithoutCookie;

/** May the SYN to that server carry data (Linux tcp_fastopen_cookie_check)? */
export const mayCarryData = (host: Host, settings: SocketSettings, server: IpAddress): boolean =>
  !fastOpenPauses(host) && (needsNoCookie(host, settings) || host.fastOpenMemory.cookieOf(server) !== undefined);

/** RFC 7413 §4.2.1: the SYN shows a cookie and takes data along, or asks for a cookie. */
export function prepareFastOpen(tcb: Tcb, data: Uint8Array | undefined): void {
  const { host, settings, remoteAddress: server } = tcb;
  const optionSent = optionFor(host, settings, server);
  const taken = data && mayCarryData(host, settings, server) ? data.slice(0, synRoom(tcb)) : undefined;
  tcb.fastOpenOption = optionSent;
  tcb.fastOpenAttempt = {
    optionSent,
    data: taken?.length ? taken : undefined,
    dataOctets: taken?.length ?? 0,
    afterPause: host.fastOpenPause.hasBeen,
  };
}

function optionFor(host: Host, settings: SocketSettings, server: IpAddress): FastOpenCookie | undefined {
  if (fastOpenPauses(host) || needsNoCookie(host, settings)) return undefined;
  const memory = host.fastOpenMemory;
  return memory.cookieOf(server) ?? { octets: QUESTION, experimental: memory.asksExperimentally(server) };
}

const synRoom = (tcb: Tcb): number =>
  Math.min(tcb.host.fastOpenMemory.mssOf(tcb.remoteAddress) ?? tcb.advertisedMss, tcb.advertisedMss) - OPTION_SPACE;

/** What the SYN carried is a segment of its own from here on: it may have to be sent again without the SYN. */
export function trackSynData(tcb: Tcb): void {
  const { fastOpenAttempt: attempt } = tcb;
  if (!attempt?.data) return;
  const end = seqAdd(tcb.sndNxt, attempt.dataOctets);
  tcb.sendQueue.sent.sent(track(tcb, tcb.sndNxt, end, attempt.data, Flag.ACK | Flag.PSH), tcb.host.clock.now);
  attempt.data = undefined;
  tcb.sndNxt = end;
}

/**
 * The SYN,ACK to an attempt (Linux tcp_rcv_fastopen_synack): a cookie for next time; data that the server did not take goes
 * again at once; data that came along is taken.
 */
export function takeFastOpenAnswer(tcb: Tcb, segment: Segment): 'data-sent-again' | 'done' {
  const { fastOpenAttempt: attempt, host, sendQueue } = tcb;
  if (!attempt || (!attempt.optionSent && attempt.dataOctets === 0)) return 'done';
  learn(tcb, attempt, segment);
  if (sendQueue.sent.length > 0) {
    host.counters.add('TCPFastOpenActiveFail');
    sendAgain(tcb);
    return 'data-sent-again';
  }
  if (attempt.dataOctets > 0) {
    tcb.synDataTaken = true;
    if (tcb.rack.delivered > 1) tcb.rack.delivered--; // SYN and data stand apart here, but were one packet
    host.counters.add('TCPFastOpenActive');
  }
  takeData(tcb, segment);
  return 'done';
}

function learn({ host, remoteAddress, advertisedMss, retransmissions }: Tcb, attempt: FastOpenAttempt, synAck: Segment): void {
  const memory = host.fastOpenMemory;
  const { optionSent } = attempt;
  const cookie = optionSent && fastOpenCookieIn(synAck); // one that we did not ask for means nothing
  // After a timeout the answer may be to a SYN that came again without the option.
  const isRefused = optionSent !== undefined && !cookie && attempt.dataOctets === 0 && retransmissions === 0;
  memory.learn(remoteAddress, {
    mss: optionOf(synAck, 'mss')?.octets ?? memory.mssOf(remoteAddress) ?? advertisedMss,
    cookie: cookie?.octets.length ? cookie : undefined,
    refused: !isRefused ? 'none' : optionSent.experimental ? 'experimental-option' : 'option',
  });
}

/** What the SYN carried and the server did not acknowledge, in segments as they are agreed on now. */
function sendAgain(tcb: Tcb): void {
  const { sent } = tcb.sendQueue;
  const { seq, payload, sentAt } = sent.head!;
  sent.clear();
  for (let at = 0; at < payload.length; at += tcb.mss) {
    const part = payload.subarray(at, at + tcb.mss);
    const isLast = at + part.length === payload.length;
    const segment = track(tcb, seqAdd(seq, at), seqAdd(seq, at + part.length), part, Flag.ACK | (isLast ? Flag.PSH : 0));
    sent.sent(segment, sentAt);
    sent.lose(segment);
  }
  resendWithoutCongestion(tcb);
}

/** Data and FIN of the SYN,ACK: a server that answers before the third segment (Linux tcp_fastopen_add_skb). */
function takeData(tcb: Tcb, segment: Segment): void {
  const { payload, flags } = segment;
  if (payload.length > 0) {
    ownReceiveQueue(tcb).append(payload);
    tcb.rcvNxt = seqAdd(tcb.rcvNxt, payload.length);
    tcb.synDataTaken = true;
  }
  if (flags & Flag.FIN) takeFin(tcb, segment);
}

/** How many octets of the user the SYN took. */
export const octetsOnSyn = ({ fastOpenAttempt }: Tcb): number => fastOpenAttempt?.dataOctets ?? 0;
