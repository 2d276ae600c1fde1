import { ok, type Result } from '../../../wire/result.ts';
import { seqAdd } from '../../../wire/seq.ts';
import { type Errno, fail } from '../../sockets/errno.ts';
import { noteLimit } from '../chronograph.ts';
import { ownSendQueue } from '../queues.ts';
import { bufferGoal } from '../segmentation-offload.ts';
import { growSendBuffer, hasSendMemory, sendSpace } from '../send-memory.ts';
import type { Tcb } from '../tcb.ts';
import { transmit, transmitOne } from '../transmit.ts';

/** What a write asks for beside its octets. */
export interface HowToSend {
  /** MSG_OOB: the last octet is urgent. */
  readonly urgent: boolean;
  /** MSG_MORE: what does not fill a segment waits for the next write. */
  readonly more: boolean;
  /** MSG_EOR: a record ends here; what is written later goes in segments of its own. */
  readonly endsRecord: boolean;
}

const PLAINLY: HowToSend = { urgent: false, more: false, endsRecord: false };

/** TCP_CORK taken out, TCP_NODELAY set: what waited leaves, also beside a small segment and under a cork (Linux TCP_NAGLE_PUSH). */
export const push = (tcb: Tcb): void => transmit(tcb, 'nothing');

/** SEND (RFC 9293 §3.10.2): as much as fits the buffer; undefined when nothing does and the caller has to wait. */
export function send(tcb: Tcb, octets: Uint8Array, how = PLAINLY): Result<number, Errno> | undefined {
  if (tcb.error) {
    const { error } = tcb;
    tcb.error = undefined;
    return fail(error);
  }
  switch (tcb.state) {
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      if (tcb.fastOpen) break; // the answer may leave before the third segment has come
      if (tcb.finQueued) return fail('EPIPE', 'the sending direction is closed');
      return undefined; // Linux waits for the handshake
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      break;
    default:
      return fail('EPIPE', 'the sending direction is closed');
  }
  const count = tcb.host.gso ? fillBuffers(tcb, octets, how) : fillQueue(tcb, octets, how);
  if (octets.length > 0 && count === 0) {
    tcb.isMissingRoom = true;
    noteLimit(tcb);
    return undefined;
  }
  tellSendQueue(tcb);
  return ok(count);
}

/** Takes what fits the buffer, as one piece. */
function fillQueue(tcb: Tcb, octets: Uint8Array, how: HowToSend): number {
  const sendQueue = ownSendQueue(tcb);
  growSendBuffer(tcb);
  const count = hasSendMemory(tcb) ? Math.min(sendSpace(tcb), octets.length) : 0;
  if (count === 0 && octets.length > 0) return 0;
  const copy = new Uint8Array(count === octets.length ? octets : octets.subarray(0, count)); // the caller may use its buffer again
  sendQueue.write(copy, !how.more);
  finishWrite(tcb, how, count === octets.length);
  return count;
}

/** With segmentation offload: adds to the last buffer, begins new ones, and sends what is full on the way (Linux tcp_sendmsg_locked). */
function fillBuffers(tcb: Tcb, octets: Uint8Array, how: HowToSend): number {
  const sendQueue = ownSendQueue(tcb);
  const goal = how.urgent ? tcb.mss : bufferGoal(tcb);
  let count = 0;
  while (count < octets.length) {
    const { tail } = sendQueue;
    const room = tail && !tail.endsRecord ? goal - tail.length : 0;
    if (room <= 0 && !hasSendMemory(tcb)) {
      tcb.isMissingRoom = true;
      break;
    }
    const part = octets.subarray(count, count + (room > 0 ? room : goal));
    if (room > 0) sendQueue.append(part, goal);
    else sendQueue.write(part.slice(), false);
    sendQueue.sincePush += part.length;
    count += part.length;
    if (count < octets.length && sendQueue.tail!.length >= goal) sendFull(tcb);
  }
  if (count === 0 && octets.length > 0) return 0;
  const isWhole = count === octets.length;
  if (!how.more || !isWhole || pushIsDue(tcb)) sendQueue.markPush();
  finishWrite(tcb, how, isWhole);
  return count;
}

/** PSH at least once in half the peer's largest window, however much the user writes at once (Linux forced_push). */
const pushIsDue = ({ sendQueue, maxWindow }: Tcb): boolean => sendQueue.sincePush > maxWindow >> 1;

/** A buffer is full, and the user goes on writing. */
function sendFull(tcb: Tcb): void {
  const { sendQueue } = tcb;
  if (pushIsDue(tcb)) {
    sendQueue.markPush();
    push(tcb);
  } else if (sendQueue.length === 1) transmitOne(tcb);
}

/** The octets are queued, all of them or as far as there was room: off with what may go. */
function finishWrite(tcb: Tcb, { urgent, more, endsRecord }: HowToSend, isWhole: boolean): void {
  const { sendQueue } = tcb;
  if (endsRecord && isWhole) sendQueue.endRecord();
  // Of what is sent with MSG_OOB the last octet is the urgent one.
  if (urgent && isWhole) tcb.urgentEnd = seqAdd(tcb.sndNxt, sendQueue.unsent);
  if (!isWhole && tcb.host.gso) push(tcb);
  else if (more) transmit(tcb, 'cork');
  else transmit(tcb);
}

function tellSendQueue(tcb: Tcb): void {
  const { probes, clock, name } = tcb.host;
  if (!probes.wants('queue')) return;
  const length = tcb.sendQueue.unsent + tcb.flightOctets;
  probes.emit({ kind: 'queue', at: clock.now, host: name, connection: tcb.id, queue: 'send', length, limit: tcb.sendBuffer });
}
