import { type SeqNum, seqAdd, seqAtOrBefore, seqDistance } from '../../wire/seq.ts';
import { type QueuedError, queueError } from '../sockets/error-queue.ts';
import { EMPTY } from './output.ts';
import type { Tcb } from './tcb.ts';

/** SO_TIMESTAMPING's bits, as far as they have a meaning here (linux/net_tstamp.h). */
export const Stamping = { TX_SOFTWARE: 2, SOFTWARE: 16, OPT_ID: 128, TX_SCHED: 256, TX_ACK: 512 } as const;
const STAMPS_OF_SENDING = Stamping.TX_SOFTWARE | Stamping.TX_SCHED | Stamping.TX_ACK;
/** What a stamp tells: that the octet went to the device, to the queue before it, to the peer (linux/errqueue.h). */
const Stamped = { SCM_TSTAMP_SND: 0, SCM_TSTAMP_SCHED: 1, SCM_TSTAMP_ACK: 2 } as const;
/** The octets were copied after all, as here always. */
const SO_EE_CODE_ZEROCOPY_COPIED = 1;

/** What a program wants to hear of one write. */
interface Notice {
  /** Behind the last octet of the write: the one it is about. */
  readonly end: SeqNum;
  /** MSG_ZEROCOPY: the number of the write. */
  readonly zeroCopy: number | undefined;
  /** SO_TIMESTAMPING as it was set then. */
  readonly stamping: number;
  isSent: boolean;
  /** Of the segment that carried the last octet. */
  octets: Uint8Array;
}

/** Writes of which the error queue is to tell how far they are (MSG_ZEROCOPY, SO_TIMESTAMPING). */
export class SendNotices {
  readonly pending: Notice[] = [];
  zeroCopies = 0;
  /** What the numbers of stamped octets count from: SND.UNA when SO_TIMESTAMPING was set. */
  countsFrom: SeqNum | undefined;
}

/** The program set SO_TIMESTAMPING on a connection. */
export function countStampsFromHere(tcb: Tcb): void {
  tcb.notices ??= new SendNotices();
  tcb.notices.countsFrom = tcb.sndUna;
}

export const wantsNotice = ({ zeroCopy, timestamping }: Tcb['settings'], isZeroCopy: boolean): boolean =>
  (isZeroCopy && zeroCopy) || (timestamping & STAMPS_OF_SENDING) !== 0;

/** A write has found its place in the queue; the last octet of it may be under way already. */
export function noteWrite(tcb: Tcb, isZeroCopy: boolean): void {
  const { sendQueue, settings } = tcb;
  tcb.notices ??= new SendNotices();
  const { notices } = tcb;
  const zeroCopy = isZeroCopy && settings.zeroCopy ? notices.zeroCopies++ : undefined;
  notices.pending.push({
    end: seqAdd(tcb.sndNxt, sendQueue.unsent),
    zeroCopy,
    stamping: settings.timestamping,
    isSent: false,
    octets: EMPTY,
  });
  tellSent(tcb);
}

/** Something left: whose last octet was it? */
export function tellSent(tcb: Tcb): void {
  const pending = tcb.notices?.pending;
  if (!pending) return;
  for (const notice of pending) {
    if (notice.isSent || !seqAtOrBefore(notice.end, tcb.sndNxt)) continue;
    notice.isSent = true;
    notice.octets = tcb.sendQueue.sent.tail?.payload ?? EMPTY;
    if (notice.stamping & Stamping.TX_SCHED) stamp(tcb, notice, 'SCM_TSTAMP_SCHED');
    if (notice.stamping & Stamping.TX_SOFTWARE) stamp(tcb, notice, 'SCM_TSTAMP_SND');
  }
}

/** SND.UNA moved on; at the end of the connection all that waits is settled, acknowledged or not. */
export function tellAcknowledged(tcb: Tcb, isOver = false): void {
  const pending = tcb.notices?.pending;
  if (!pending) return;
  for (let first = pending[0]; first && (isOver || seqAtOrBefore(first.end, tcb.sndUna)); first = pending[0]) {
    pending.shift();
    if (!isOver && first.stamping & Stamping.TX_ACK) stamp(tcb, first, 'SCM_TSTAMP_ACK');
    if (first.zeroCopy !== undefined) tellReleased(tcb, first.zeroCopy);
  }
}

function stamp(tcb: Tcb, { end, stamping, octets }: Notice, what: keyof typeof Stamped): void {
  const { countsFrom = seqAdd(tcb.iss, 1) } = tcb.notices!;
  const data = stamping & Stamping.OPT_ID ? seqDistance(countsFrom, end) - 1 : 0;
  const at = stamping & Stamping.SOFTWARE ? tcb.host.clock.now : undefined;
  tell(tcb, { ...NO_ERROR, errno: 'ENOMSG', origin: 'SO_EE_ORIGIN_TIMESTAMPING', info: Stamped[what], data, at, octets });
}

/** The memory of a write is the program's own again; one entry of the queue may tell of several that follow each other (Linux skb_zerocopy_notify_extend). */
function tellReleased(tcb: Tcb, number: number): void {
  const last = tcb.errorQueue?.last;
  if (last?.origin === 'SO_EE_ORIGIN_ZEROCOPY' && last.data === number - 1) {
    tcb.errorQueue!.extendLast(number);
    tcb.holder?.wake();
  } else tell(tcb, { ...NO_ERROR, origin: 'SO_EE_ORIGIN_ZEROCOPY', code: SO_EE_CODE_ZEROCOPY_COPIED, info: number, data: number });
}

const NO_ERROR = { errno: undefined, type: 0, code: 0, offender: undefined, destination: undefined, octets: EMPTY } as const;

function tell(tcb: Tcb, entry: QueuedError): void {
  queueError(tcb, entry, tcb.receiveBuffer);
  tcb.holder?.wake();
}
