import { ok, type Result } from '../../wire/result.ts';
import { Fifo } from '../fifo.ts';
import type { AcceptedSocket } from '../sockets/accept.ts';
import type { SocketAddress } from '../sockets/address.ts';
import { type Errno, fail } from '../sockets/errno.ts';
import { Poll, READABLE, WRITABLE } from '../sockets/poll-events.ts';
import type { Protocol } from '../sockets/protocol.ts';
import type { ShutdownHow } from '../sockets/shutdown.ts';
import { Socket } from '../sockets/socket.ts';
import { receiving } from './receive.ts';
import { sending, isFull as takesNoMore } from './send.ts';
import { UnixEndpoint } from './unix-endpoint.ts';

const done = ok(undefined);
const named = (path: string): SocketAddress => ({ address: path, port: 0 });

/** AF_UNIX, SOCK_STREAM and SOCK_DGRAM. */
export const UNIX: Protocol = {
  bind: (socket, { address }) => {
    const endpoint = endpointOf(socket);
    if (endpoint.path !== '') return fail('EINVAL', 'the socket has an address already');
    return socket.host.unixNames.bind(endpoint, address, socket.owner.uid, socket.owner.umask);
  },
  listen,
  accept,
  connect,
  connectOutcome,
  disconnect,
  sending,
  receiving,
  shutdown,
  close: (socket, told) => {
    closeEndpoint(socket);
    socket.abandonWaiting();
    told(done);
  },
  name: (socket) => named(endpointOf(socket).path),
  peer: (socket) => {
    const { peer } = endpointOf(socket);
    return peer ? ok(named(peer.path)) : fail('ENOTCONN', 'the socket is not connected');
  },
  takeError: (socket) => {
    const endpoint = endpointOf(socket);
    const { error } = endpoint;
    endpoint.error = undefined;
    return error;
  },
  poll,
  inputMark: (socket) => {
    const { arrivals, peer, error, readClosed } = endpointOf(socket);
    return `${arrivals} ${peer?.isOpen} ${error} ${readClosed}`;
  },
  inputOctets: (socket) => {
    const { type, queue, queued, pending } = endpointOf(socket);
    if (pending) return fail('EINVAL', 'the socket listens');
    return ok(type === 'SOCK_STREAM' ? queued : (queue.at(0)?.octets.length ?? 0));
  },
  outputOctets: (socket) => ok(endpointOf(socket).peer?.queued ?? 0),
};

/** The socket's endpoint, made when first asked for. */
export function endpointOf(socket: Socket): UnixEndpoint {
  if (socket.unix) return socket.unix;
  const endpoint = new UnixEndpoint(socket.host.nextConnectionId(), socket.type);
  endpoint.holder = socket;
  socket.unix = endpoint;
  return endpoint;
}

/** socketpair(2): two sockets that are each other's peer and have no name. */
export function join(a: Socket, b: Socket): void {
  const [one, other] = [endpointOf(a), endpointOf(b)];
  one.peer = other;
  other.peer = one;
}

function listen(socket: Socket, backlog: number): Result<void, Errno> {
  const endpoint = endpointOf(socket);
  if (endpoint.type !== 'SOCK_STREAM') return fail('EOPNOTSUPP', 'a datagram socket has no connections');
  if (endpoint.path === '' || endpoint.peer) return fail('EINVAL', endpoint.peer ? 'the socket is connected' : 'the socket has no address');
  const most = socket.host.sysctls.now['net.core.somaxconn'];
  endpoint.backlog = backlog < 0 ? most : Math.min(backlog, most);
  endpoint.pending ??= new Fifo();
  endpoint.tellWaiting();
  return done;
}

function accept(socket: Socket): Result<AcceptedSocket, Errno> | undefined {
  const listener = endpointOf(socket);
  if (listener.type !== 'SOCK_STREAM') return fail('EOPNOTSUPP', 'a datagram socket has no connections');
  if (!listener.pending) return fail('EINVAL', 'the socket does not listen');
  const endpoint = listener.pending.shift();
  if (!endpoint) return undefined;
  listener.tellWaiting();
  const connected = new Socket(socket.host, socket.kind, socket.host.defaultSettings.ofOthers);
  connected.unix = endpoint;
  endpoint.holder = connected;
  return ok({ socket: connected, peer: named(endpoint.peer?.path ?? '') });
}

/** A stream is connected the moment there is a place in the listener's backlog; a datagram socket remembers its peer. */
function connect(socket: Socket, { address }: SocketAddress): Result<void, Errno> {
  const endpoint = endpointOf(socket);
  if (endpoint.pending) return fail('EINVAL', 'the socket listens');
  if (endpoint.type === 'SOCK_STREAM' && endpoint.peer) return fail('EISCONN', 'the socket is connected');
  const found = socket.host.unixNames.find(address, socket.owner.uid);
  if (!found.ok) return found;
  const other = found.value;
  if (other.type !== endpoint.type) return fail('EPROTOTYPE', `the socket at ${address} is of another type`);
  if (endpoint.type === 'SOCK_DGRAM') {
    endpoint.peer = other;
    return done;
  }
  if (!other.pending) return fail('ECONNREFUSED', `the socket at ${address} does not listen`);
  if (socket.nonBlocking && isFull(other)) return fail('EAGAIN', 'the backlog is full');
  socket.connecting = true;
  socket.connectsTo = other;
  return done;
}

const isFull = ({ pending, backlog }: UnixEndpoint): boolean => pending !== undefined && pending.length > backlog;

/** Only who sends datagrams may forget the peer. */
function disconnect(socket: Socket): Result<void, Errno> {
  const endpoint = endpointOf(socket);
  if (endpoint.type === 'SOCK_STREAM') return fail('EINVAL', 'a stream keeps its peer');
  endpoint.peer = undefined;
  return ok(undefined);
}

function connectOutcome(socket: Socket): Result<void, Errno> | undefined {
  const endpoint = endpointOf(socket);
  const listener = socket.connectsTo;
  if (!listener) return done;
  if (!listener.isOpen || !listener.pending) {
    socket.connectsTo = undefined;
    return fail('ECONNREFUSED', 'the listener is gone');
  }
  if (isFull(listener)) {
    listener.waiting.add(socket);
    return undefined;
  }
  socket.connecting = false;
  socket.connectsTo = undefined;
  const atServer = new UnixEndpoint(socket.host.nextConnectionId(), 'SOCK_STREAM');
  atServer.path = listener.path;
  atServer.peer = endpoint;
  endpoint.peer = atServer;
  listener.pending.push(atServer);
  listener.arrivals++;
  listener.holder?.wake();
  return done;
}

function shutdown(socket: Socket, how: ShutdownHow): Result<void, Errno> {
  const endpoint = endpointOf(socket);
  const { peer, type } = endpoint;
  if (type === 'SOCK_STREAM' && !peer && !endpoint.pending) return fail('ENOTCONN', 'the socket is not connected');
  if (how !== 'SHUT_WR') endpoint.readClosed = true;
  if (how !== 'SHUT_RD') endpoint.sendClosed = true;
  if (type === 'SOCK_STREAM' && peer) {
    // What one end does not send the other cannot read, and the other way round.
    if (how !== 'SHUT_RD') peer.readClosed = true;
    if (how !== 'SHUT_WR') peer.sendClosed = true;
    peer.holder?.wake();
  }
  socket.wake();
  return done;
}

function closeEndpoint(socket: Socket): void {
  const endpoint = endpointOf(socket);
  const { peer, pending } = endpoint;
  endpoint.isOpen = false;
  socket.host.unixNames.release(endpoint);
  for (const waiting of pending ?? []) abandon(waiting);
  if (peer && endpoint.type === 'SOCK_STREAM') {
    if (endpoint.queue.length > 0) peer.error = 'ECONNRESET'; // it was written, and nobody will read it
    peer.holder?.wake();
  }
  endpoint.tellWaiting();
}

/** A connection nobody accepted ends with its listener. */
function abandon(endpoint: UnixEndpoint): void {
  endpoint.isOpen = false;
  if (endpoint.peer) endpoint.peer.error = 'ECONNRESET';
  endpoint.peer?.holder?.wake();
}

/** Linux unix_poll. */
function poll(socket: Socket): number {
  const endpoint = endpointOf(socket);
  const { pending, peer, queue, error, type } = endpoint;
  if (pending) return pending.length > 0 ? READABLE : 0;
  const isStream = type === 'SOCK_STREAM';
  const peerGone = isStream && peer?.isOpen === false;
  const readEnded = endpoint.readClosed || peerGone;
  let events = error ? Poll.ERR : 0;
  if ((readEnded && (endpoint.sendClosed || peerGone)) || (isStream && !peer)) events |= Poll.HUP;
  if (readEnded) events |= Poll.RDHUP | READABLE;
  if (queue.length > 0) events |= READABLE;
  const room = !peer || (peer.queued * 4 <= socket.settings.sendBuffer && !isDeaf(socket, endpoint, peer));
  return room ? events | WRITABLE : events;
}

/** The receiver of one's datagrams takes no more, and tells when it does (Linux unix_dgram_peer_wake_me). */
function isDeaf(socket: Socket, endpoint: UnixEndpoint, peer: UnixEndpoint): boolean {
  if (endpoint.type !== 'SOCK_DGRAM' || peer.peer === endpoint || !takesNoMore(socket.host, peer)) return false;
  peer.waiting.add(socket);
  return true;
}
