import { ok, type Result } from '../../wire/result.ts';
import { abort } from '../tcp/finish.ts';
import { giveUpPort } from './bind.ts';
import type { Errno } from './errno.ts';
import { shutdown } from './shutdown.ts';
import type { Socket } from './socket.ts';

/**
 * connect(AF_UNSPEC): the socket is as new again, with the address it was bound to, if the user named its port. A peer that would wait for more is
 * told with a RST, and the program finds ECONNRESET (Linux tcp_disconnect).
 */
export function disconnect(socket: Socket): Result<void, Errno> {
  const { tcb, listener } = socket;
  if (listener) shutdown(socket, 'SHUT_RDWR');
  if (tcb) {
    tcb.holder = undefined;
    socket.errorQueue = tcb.errorQueue;
    socket.error = tcb.error;
    switch (tcb.state) {
      case 'SYN-SENT':
      case 'SYN-RECEIVED':
      case 'ESTABLISHED':
      case 'FIN-WAIT-1':
      case 'FIN-WAIT-2':
      case 'CLOSE-WAIT':
        socket.error = 'ECONNRESET';
    }
    abort(tcb);
  }
  socket.tcb = undefined;
  giveUpPort(socket);
  socket.connecting = false;
  socket.putOff = undefined;
  socket.readClosed = false;
  socket.wake();
  return ok(undefined);
}

/** The error that waits to be told, which telling takes away. */
export function takeError(socket: Socket): Socket['error'] {
  const holder = socket.tcb ?? socket;
  const { error } = holder;
  holder.error = undefined;
  return error;
}
