import { ReceiveQueue } from './receive-queue.ts';
import { SendQueue } from './send-queue.ts';
import type { Tcb } from './tcb.ts';

/** As many queues as this wait for the next connection that needs some. */
const MOST_SPARE = 1024;

function frozen<T extends object>(one: T): T {
  for (const part of Object.values(one)) if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) frozen(part);
  return Object.freeze(one);
}

/** A connection that has nothing to send, and nothing under way, has this queue, as all others like it. Nobody can put anything in. */
export const NOTHING_TO_SEND = frozen(new SendQueue());
/** Likewise where nothing waits to be read. */
export const NOTHING_RECEIVED = frozen(new ReceiveQueue());

const spareToSend: SendQueue[] = [];
const spareReceived: ReceiveQueue[] = [];

/** The connection's own queue, to put something in. */
export function ownSendQueue(tcb: Tcb): SendQueue {
  if (tcb.sendQueue === NOTHING_TO_SEND) tcb.sendQueue = spareToSend.pop() ?? new SendQueue();
  return tcb.sendQueue;
}

export function ownReceiveQueue(tcb: Tcb): ReceiveQueue {
  if (tcb.receiveQueue === NOTHING_RECEIVED) tcb.receiveQueue = spareReceived.pop() ?? new ReceiveQueue();
  return tcb.receiveQueue;
}

/** A segment is dealt with: if it acknowledged the last that was under way, the queue goes to whoever needs one next. */
export function restSending(tcb: Tcb): void {
  const { sendQueue } = tcb;
  if (sendQueue === NOTHING_TO_SEND || !sendQueue.isEmpty) return;
  tcb.sendQueue = NOTHING_TO_SEND;
  tcb.rack.order = 0; // the next transmissions are counted by another queue
  sendQueue.sent.forgetCounts();
  if (spareToSend.length < MOST_SPARE) spareToSend.push(sendQueue);
}

/** The user has read: likewise for what came. */
export function restReceiving(tcb: Tcb): void {
  const { receiveQueue } = tcb;
  if (receiveQueue === NOTHING_RECEIVED || !receiveQueue.isEmpty) return;
  tcb.receiveQueue = NOTHING_RECEIVED;
  receiveQueue.forgetLatest();
  if (spareReceived.length < MOST_SPARE) spareReceived.push(receiveQueue);
}
