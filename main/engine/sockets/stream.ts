import { ok, type Result } from '../../wire/result.ts';
import { isWritable } from '../tcp/send-memory.ts';
import { noteWrite, wantsNotice } from '../tcp/send-notices.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { octetsBeforeMark, readable } from '../tcp/urgent.ts';
import { accept } from './accept.ts';
import { anyAddress, nameFor } from './address.ts';
import type { Attempt } from './attempt.ts';
import { bind } from './bind.ts';
import { connect, connectOutcome } from './connect.ts';
import { disconnect, takeError } from './disconnect.ts';
import { type Errno, fail } from './errno.ts';
import { hasQueuedErrors, receivingError } from './error-queue.ts';
import { sendAndOpen } from './fast-open.ts';
import { listen } from './listen.ts';
import { Poll, READABLE, WRITABLE } from './poll-events.ts';
import type { Protocol } from './protocol.ts';
import { close, shutdown } from './shutdown.ts';
import type { Socket } from './socket.ts';
import { StreamReceive } from './stream-receive.ts';
import { StreamSend } from './stream-send.ts';

/** SOCK_STREAM of AF_INET and AF_INET6: TCP. */
export const TCP_STREAM: Protocol = {
  bind,
  listen,
  accept,
  connect,
  connectOutcome,
  sending: (socket, octets, flags, to, mayWait) => {
    // On a stream the address means something with MSG_FASTOPEN only.
    const target = socket.putOff ?? (to && flags.includes('MSG_FASTOPEN') ? to : undefined);
    const attempt = target ? sendAndOpen(socket, octets, target, mayWait) : new StreamSend(socket, octets, mayWait, flags);
    const isZeroCopy = flags.length > 0 && flags.includes('MSG_ZEROCOPY');
    return wantsNotice(socket.settings, isZeroCopy) ? noting(socket, attempt, isZeroCopy) : attempt;
  },
  receiving: (socket, most, flags, mayWait) =>
    flags.length > 0 && flags.includes('MSG_ERRQUEUE') ? receivingError(socket, most) : new StreamReceive(socket, most, mayWait, flags),
  shutdown,
  close,
  name: ({ tcb, binding, domain }) => {
    const bound = tcb ? { address: tcb.localAddress, port: tcb.localPort } : binding;
    return nameFor(domain, bound ?? { address: anyAddress(domain), port: 0 });
  },
  peer: ({ tcb, domain }) => {
    if (!tcb || tcb.state === 'CLOSED' || tcb.state === 'SYN-SENT') return fail('ENOTCONN', 'the socket is not connected');
    return ok(nameFor(domain, { address: tcb.remoteAddress, port: tcb.remotePort }));
  },
  disconnect,
  takeError,
  poll: (socket) => (socket.listener ? pollListener(socket) : pollConnection(socket)),
  inputMark: ({ tcb }) => tcb && `${tcb.rcvNxt} ${tcb.state} ${tcb.error} ${tcb.readClosed} ${tcb.errorQueue?.count}`,
  inputOctets: ({ tcb, listener }) => {
    if (listener) return fail('EINVAL', 'the socket listens');
    return ok(tcb ? readable(tcb) : 0);
  },
  outputOctets: ({ tcb, listener }) => {
    if (listener) return fail('EINVAL', 'the socket listens');
    return ok(tcb && tcb.state !== 'SYN-SENT' ? tcb.flightOctets + tcb.sendQueue.unsent : 0);
  },
};

/** MSG_ZEROCOPY, SO_TIMESTAMPING: what is written is remembered until the error queue has told of it. */
function noting(socket: Socket, attempt: Attempt<number>, isZeroCopy: boolean): Attempt<number> {
  const noted = (result: Result<number, Errno> | undefined): Result<number, Errno> | undefined => {
    if (socket.tcb && result?.ok && result.value > 0) noteWrite(socket.tcb, isZeroCopy);
    return result;
  };
  return { try: () => noted(attempt.try()), timedOut: () => noted(attempt.timedOut?.()) };
}

/** Readable means that accept would not block. */
const pollListener = ({ listener }: Socket): number => (listener && listener.acceptQueue.length > 0 ? READABLE : 0);

/** Linux tcp_poll, question by question. */
function pollConnection(socket: Socket): number {
  const { tcb, putOff, readClosed, error } = socket;
  if (putOff) return WRITABLE; // the first write connects
  if (!tcb) return Poll.HUP | WRITABLE | (readClosed ? READABLE | Poll.RDHUP : 0) | (error || hasQueuedErrors(socket) ? Poll.ERR : 0); // never connected: Linux says so, however odd it looks
  const receiveEnded = tcb.endOfStream || tcb.readClosed || tcb.state === 'CLOSED' || tcb.state === 'TIME-WAIT';
  const sendEnded = tcb.finQueued || tcb.state === 'CLOSED' || tcb.state === 'TIME-WAIT';
  let events = 0;
  if ((receiveEnded && sendEnded) || tcb.state === 'CLOSED') events |= Poll.HUP;
  if (receiveEnded) events |= READABLE | Poll.RDHUP;
  if (tcb.error || hasQueuedErrors(tcb)) events |= Poll.ERR;
  if (tcb.urgent?.stage === 'here') events |= Poll.PRI;
  if (tcb.state === 'SYN-SENT' || (tcb.state === 'SYN-RECEIVED' && !tcb.fastOpen)) return events;
  if (hasEnoughToRead(tcb)) events |= READABLE;
  if (sendEnded || isWritable(tcb)) events |= WRITABLE;
  else tcb.isMissingRoom = true;
  return events;
}

/** SO_RCVLOWAT octets, not counting an urgent one that comes next and is kept out of the stream (Linux tcp_poll). */
function hasEnoughToRead(tcb: Tcb): boolean {
  const atUrgent = tcb.urgent !== undefined && !tcb.settings.oobInline && octetsBeforeMark(tcb) === 0;
  return tcb.receiveQueue.length - (atUrgent ? 1 : 0) >= tcb.settings.receiveLowWater;
}
