import { ok, type Result } from '../../wire/result.ts';
import { closeListener } from '../tcp/listener.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { closeCompletely, shutDownSending } from '../tcp/user/close.ts';
import { asItIs, type Done } from './attempt.ts';
import { giveUpPort, releasePort } from './bind.ts';
import { disconnect } from './disconnect.ts';
import { type Errno, fail } from './errno.ts';
import type { Socket } from './socket.ts';

export type ShutdownHow = 'SHUT_RD' | 'SHUT_WR' | 'SHUT_RDWR';

/** shutdown(2): ends one direction or both while the descriptor lives on. */
export function shutdown(socket: Socket, how: ShutdownHow): Result<void, Errno> {
  const { tcb, listener } = socket;
  if (listener) {
    if (how !== 'SHUT_WR') stopListening(socket);
    return ok(undefined);
  }
  if (socket.putOff) return disconnect(socket); // it counts as connecting, and that is over
  if (!tcb && how !== 'SHUT_WR') socket.readClosed = true; // Linux marks the direction closed also where it says ENOTCONN
  if (!tcb || tcb.state === 'CLOSED' || tcb.state === 'TIME-WAIT') return fail('ENOTCONN', 'the socket is not connected');
  if (how !== 'SHUT_WR') tcb.readClosed = true;
  if (how !== 'SHUT_RD') shutDownSending(tcb);
  socket.wake();
  return ok(undefined);
}

/** The socket is an ordinary bound one again; a parked accept fails with EINVAL. */
function stopListening(socket: Socket): void {
  const { listener } = socket;
  socket.listener = undefined;
  if (listener) closeListener(listener);
  giveUpPort(socket);
  socket.wake();
}

/** close(2). The descriptor is free at once; with SO_LINGER the call still waits until the peer has everything. */
export function close(socket: Socket, done: Done<void>): void {
  const { tcb, listener } = socket;
  socket.listener = undefined;
  if (listener) closeListener(listener);
  releasePort(socket);
  socket.abandonWaiting();
  if (!tcb) {
    done(ok(undefined));
    return;
  }
  const patience = tcb.settings.linger ?? 0;
  closeCompletely(tcb);
  if (patience === 0 || !isClosing(tcb)) {
    done(ok(undefined));
    return;
  }
  linger(socket, tcb, patience, done);
}

const isClosing = (tcb: Tcb): boolean => tcb.state === 'FIN-WAIT-1' || tcb.state === 'CLOSING' || tcb.state === 'LAST-ACK';

function linger(socket: Socket, tcb: Tcb, patience: number, done: Done<void>): void {
  const over = (): Result<void, Errno> => {
    tcb.holder = undefined;
    return ok(undefined);
  };
  tcb.holder = socket;
  socket.complete({ try: () => (isClosing(tcb) ? undefined : over()), timedOut: over }, asItIs, done, patience * 1000);
}
