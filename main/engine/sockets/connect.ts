import { ip, ipVersionOf } from '../../wire/ip-address.ts';
import { ok, type Result } from '../../wire/result.ts';
import { isUnspecified } from '../connection-table.ts';
import { mayCarryData } from '../tcp/fast-open-client.ts';
import { openActively } from '../tcp/user/open.ts';
import { type Endpoint, parseEndpoint, type SocketAddress } from './address.ts';
import { giveUpPort } from './bind.ts';
import { takeError } from './disconnect.ts';
import { type Errno, type ErrnoName, fail } from './errno.ts';
import type { Socket } from './socket.ts';

/** connect(2): begins the handshake; `connectOutcome` tells how it went. */
export function connect(socket: Socket, to: SocketAddress): Result<void, Errno> {
  const endpoint = parseEndpoint(socket, to);
  if (!endpoint.ok) return endpoint;
  if (socket.listener) return fail('EISCONN', 'the socket listens'); // Linux says so, where the RFC would turn to SYN-SENT
  if (socket.connecting) return fail('EALREADY', 'a connection attempt is under way');
  if (socket.tcb || socket.putOff) return fail('EISCONN', 'the socket is or was connected');
  // TCP_FASTOPEN_CONNECT: with a cookie at hand connect() only notes where to; the first write opens and goes along.
  if (socket.settings.fastOpenConnect && mayCarryData(socket.host, socket.settings, endpoint.value.address)) {
    socket.putOff = to;
    return ok(undefined);
  }
  return begin(socket, endpoint.value);
}

/** `data` wants to go along with the SYN. */
export function begin(socket: Socket, { address: wanted, port: remotePort }: Endpoint, data?: Uint8Array): Result<void, Errno> {
  const { host, binding } = socket;
  // Connecting to "any" means this very host.
  const remoteAddress = isUnspecified(wanted) ? ip(wanted === '::' ? '::1' : '127.0.0.1') : wanted;
  const bound = binding && !isUnspecified(binding.address) ? binding.address : undefined;
  const localAddress = bound ?? host.sourceFor(remoteAddress);
  if (localAddress === undefined || ipVersionOf(localAddress) !== ipVersionOf(remoteAddress))
    return fail('ENETUNREACH', `${host.name} knows no way to ${remoteAddress}`);
  const ends = { localAddress, remoteAddress, remotePort };
  const localPort = binding?.port ?? host.ports.ephemeral(ends);
  if (localPort === undefined) return fail('EADDRNOTAVAIL', 'every local port is taken');
  if (binding && !host.ports.isNewPair({ ...ends, localPort }, true))
    return fail('EADDRNOTAVAIL', 'a connection between the same two ends exists');
  socket.connecting = true;
  socket.error = undefined;
  socket.tcb = openActively(host, { ...ends, localPort }, socket.settings, socket, data);
  socket.tcb.errorQueue = socket.errorQueue;
  socket.putOff = undefined;
  return ok(undefined);
}

/** How the attempt went; undefined while it is under way. A failed one leaves the socket free for another. */
export function connectOutcome(socket: Socket): Result<void, Errno> | undefined {
  const { tcb, putOff } = socket;
  if (putOff) return ok(undefined);
  if (!tcb) return fail(takeError(socket) ?? 'ECONNABORTED', 'the socket was disconnected meanwhile');
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return undefined;
  socket.connecting = false;
  const { error } = tcb;
  if (tcb.state !== 'CLOSED' || tcb.receiveQueue.length > 0) return ok(undefined);
  tcb.error = undefined;
  socket.errorQueue = tcb.errorQueue;
  socket.tcb = undefined;
  giveUpPort(socket);
  return fail(error ?? 'ECONNABORTED', error && BECAUSE[error]);
}

const BECAUSE: { readonly [E in ErrnoName]?: string } = {
  ECONNREFUSED: 'the SYN was answered with a RST',
  ETIMEDOUT: 'no SYN was answered',
};
