import { ok, type Result } from '../../wire/result.ts';
import { isUnspecified } from '../connection-table.ts';
import { type Endpoint, parseEndpoint, type SocketAddress } from './address.ts';
import { type Errno, fail } from './errno.ts';
import type { Socket } from './socket.ts';

/** bind(2): EADDRNOTAVAIL for an address that is not here, EADDRINUSE for a port that is taken, EINVAL when bound already. */
export function bind(socket: Socket, to: SocketAddress): Result<void, Errno> {
  const endpoint = parseEndpoint(socket, to, 'EINVAL');
  if (!endpoint.ok) return endpoint;
  if (socket.tcb?.state === 'CLOSED') giveUpPort(socket);
  else if (socket.tcb) return fail('EINVAL', 'the socket is connected or connecting');
  if (socket.binding || socket.listener) return fail('EINVAL', 'the socket has an address already');
  const { address } = endpoint.value;
  if (!isUnspecified(address) && !socket.host.owns(address))
    return fail('EADDRNOTAVAIL', `${address} is not an address of ${socket.host.name}`);
  return hold(socket, endpoint.value);
}

/** The socket is in CLOSED again: a port that the system chose is free (Linux inet_put_port). */
export function giveUpPort(socket: Socket): void {
  if (socket.binding && !socket.binding.portIsUsers) releasePort(socket);
}

export function releasePort(socket: Socket): void {
  if (socket.binding) socket.host.ports.release(socket.binding);
  socket.binding = undefined;
}

/** Takes the port; also what listen() does for a socket that was never bound. */
export function hold(socket: Socket, { address, port }: Endpoint): Result<void, Errno> {
  const binding = socket.host.ports.bind(address, port, {
    ipv6Only: socket.settings.ipv6Only,
    reuseAddress: () => socket.settings.reuseAddress,
    reusePort: () => socket.settings.reusePort,
    isListening: () => socket.listener !== undefined,
  });
  if (!binding) return fail('EADDRINUSE', port === 0 ? 'no free port is left' : `port ${port} is in use`);
  socket.binding = binding;
  return ok(undefined);
}
