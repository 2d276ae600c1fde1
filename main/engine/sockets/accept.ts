import { ok, type Result } from '../../wire/result.ts';
import { nameFor, type SocketAddress } from './address.ts';
import { type Errno, fail } from './errno.ts';
import { Socket } from './socket.ts';

export interface AcceptedSocket {
  readonly socket: Socket;
  readonly peer: SocketAddress;
}

/** accept(2): takes the oldest connection from the accept queue; it may have been reset meanwhile, and then fails on use. */
export function accept(socket: Socket): Result<AcceptedSocket, Errno> | undefined {
  if (!socket.listener) return fail('EINVAL', 'the socket does not listen');
  const tcb = socket.listener.accept();
  if (!tcb) return undefined;
  const connected = new Socket(socket.host, socket.kind, tcb.settings);
  connected.tcb = tcb;
  tcb.holder = connected;
  return ok({ socket: connected, peer: nameFor(socket.domain, { address: tcb.remoteAddress, port: tcb.remotePort }) });
}
