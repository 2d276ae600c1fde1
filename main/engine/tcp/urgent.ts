import { ok, type Result } from '../../wire/result.ts';
import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter, seqBefore, seqDistance } from '../../wire/seq.ts';
import { type Errno, fail } from '../sockets/errno.ts';
import type { Tcb } from './tcb.ts';

/**
 * Urgent data as Linux understands it: the pointer names one octet (RFC 9293 §3.8.5 would have it name the last of
 * many; RFC 6093 §3.2 tells that nobody does), and that octet leaves the stream for MSG_OOB unless SO_OOBINLINE is set.
 */
export interface UrgentMark {
  /** Where the urgent octet stands in the stream. */
  readonly at: SeqNum;
  /** Announced; arrived; fetched with MSG_OOB. */
  readonly stage: 'announced' | 'here' | 'fetched';
  readonly octet: number;
}

/** What of the header says that urgent data is on its way, in a segment that begins at `at`. */
export function urgentFields(tcb: Tcb, at: SeqNum): { readonly flag: number; readonly pointer: number } {
  const end = tcb.urgentEnd;
  if (end === undefined || !seqAfter(end, tcb.sndUna) || !seqBefore(at, end)) return { flag: 0, pointer: 0 };
  const distance = seqDistance(at, end);
  // Linux points behind the octet; RFC 1122's last octet, one less, only where tcp_stdurg is set.
  const standard = tcb.host.sysctls.now['net.ipv4.tcp_stdurg'] === 0 ? 0 : 1;
  return { flag: Flag.URG, pointer: Math.min(distance - standard, 65_535) };
}

/** Urgent data the peer has not acknowledged: Nagle does not hold it back. */
export const isUrgent = (tcb: Tcb): boolean => tcb.urgentEnd !== undefined && seqAfter(tcb.urgentEnd, tcb.sndUna);

/** The number of the next octet the user will read. */
export const copiedSeq = (tcb: Tcb): SeqNum => seqAdd(tcb.rcvNxt, -(tcb.receiveQueue.length + (tcb.endOfStream ? 1 : 0)));

/** SIOCATMARK: the next octet to read is the urgent one, or the one after it left the stream. */
export const atMark = (tcb: Tcb): boolean => tcb.urgent?.at === copiedSeq(tcb);

/** How much may be read before the mark stops the reader; undefined where there is none ahead. */
export function octetsBeforeMark(tcb: Tcb): number | undefined {
  const distance = tcb.urgent && seqDistance(copiedSeq(tcb), tcb.urgent.at);
  return distance === undefined || distance < 0 || distance >= tcb.receiveQueue.length ? undefined : distance;
}

/** SIOCINQ: what can be read at once, up to the mark. */
export const readable = (tcb: Tcb): number => (tcb.settings.oobInline ? undefined : octetsBeforeMark(tcb)) ?? tcb.receiveQueue.length;

/** The reader stands at the mark: takes the octet out of the stream, unless it belongs there. True when it did. */
export function skipUrgentOctet(tcb: Tcb): boolean {
  if (tcb.settings.oobInline || octetsBeforeMark(tcb) !== 0) return false;
  tcb.receiveQueue.read(1);
  return true;
}

/** What is read lies behind the mark: it has no more meaning. */
export function passMark(tcb: Tcb): void {
  if (tcb.urgent && seqAfter(copiedSeq(tcb), tcb.urgent.at)) tcb.urgent = undefined;
}

/** recv with MSG_OOB: the urgent octet. It never waits, whatever the socket does otherwise (Linux tcp_recv_urg). */
export function receiveUrgent(tcb: Tcb, most: number, peek: boolean): Result<Uint8Array, Errno> {
  const { urgent } = tcb;
  if (tcb.settings.oobInline || !urgent || urgent.stage === 'fetched') return fail('EINVAL', 'no urgent octet is there to be fetched');
  if (urgent.stage === 'announced') return tcb.readClosed ? ok(new Uint8Array(0)) : fail('EAGAIN', 'the urgent octet is still on its way');
  if (!peek) tcb.urgent = { ...urgent, stage: 'fetched' };
  return ok(most > 0 ? Uint8Array.of(urgent.octet) : new Uint8Array(0));
}
