import { ok, type Result } from '../../wire/result.ts';
import type { Host } from '../host.ts';
import type { SocketAddress } from '../sockets/address.ts';
import type { Attempt } from '../sockets/attempt.ts';
import { type Errno, fail } from '../sockets/errno.ts';
import type { MessageFlag } from '../sockets/message-flag.ts';
import type { Target } from '../sockets/protocol.ts';
import type { Socket } from '../sockets/socket.ts';
import { endpointOf } from './protocol.ts';
import type { UnixEndpoint } from './unix-endpoint.ts';

/** Octets of a datagram's bookkeeping that count against the send buffer (Linux unix_dgram_sendmsg). */
const DATAGRAM_OVERHEAD = 32;

export function sending(socket: Socket, octets: Uint8Array, _flags: readonly MessageFlag[], to: Target, mayWait: boolean): Attempt<number> {
  if (socket.type === 'SOCK_STREAM') return new UnixStreamSend(socket, octets, to, mayWait);
  return { try: () => (to === 'AF_UNSPEC' ? fail('EINVAL', 'an address of no family') : toDatagram(socket, octets, to)) };
}

/** send(2) on a stream: what finds room goes straight into the peer's queue. */
class UnixStreamSend implements Attempt<number> {
  private readonly socket: Socket;
  private readonly octets: Uint8Array;
  private readonly to: Target;
  private readonly mayWait: boolean;
  private written = 0;

  constructor(socket: Socket, octets: Uint8Array, to: Target, mayWait: boolean) {
    this.socket = socket;
    this.octets = octets;
    this.to = to;
    this.mayWait = mayWait;
  }

  try(): Result<number, Errno> | undefined {
    const { socket, octets, written } = this;
    const endpoint = endpointOf(socket);
    const { peer } = endpoint;
    if (this.to) return fail(peer ? 'EISCONN' : 'EOPNOTSUPP', 'a stream takes no destination');
    if (!peer) return fail('ENOTCONN', 'the socket is not connected');
    if (endpoint.sendClosed || !peer.isOpen || peer.readClosed) return this.timedOut() ?? fail('EPIPE', 'nobody will read it');
    const room = socket.settings.sendBuffer - peer.queued;
    const part = octets.slice(written, written + Math.max(0, room));
    if (part.length > 0) peer.put({ octets: part, from: endpoint.path });
    this.written += part.length;
    if (this.written === octets.length) return ok(this.written);
    socket.tellWatchers();
    return this.mayWait ? undefined : this.timedOut();
  }

  timedOut(): Result<number, Errno> | undefined {
    return this.written > 0 ? ok(this.written) : undefined;
  }
}

function toDatagram(socket: Socket, octets: Uint8Array, to: SocketAddress | undefined): Result<number, Errno> | undefined {
  const endpoint = endpointOf(socket);
  const receiver = to ? socket.host.unixNames.find(to.address, socket.owner.uid) : peerOf(endpoint);
  if (!receiver.ok) return receiver;
  if (octets.length > socket.settings.sendBuffer - DATAGRAM_OVERHEAD) return fail('EMSGSIZE', 'the datagram exceeds the send buffer');
  if (endpoint.sendClosed) return fail('EPIPE', 'the sending direction is closed');
  const other = receiver.value;
  if (other.type !== endpoint.type) return fail('EPROTOTYPE', 'the socket there is of another type');
  if (other.peer && other.peer !== endpoint) return fail('EPERM', 'the receiver hears its own peer only');
  if (other.readClosed) return fail('EPIPE', 'the receiver reads no more');
  if (isFull(socket.host, other)) {
    other.waiting.add(socket);
    socket.tellWatchers();
    return undefined; // AF_UNIX does not lose: the writer waits
  }
  other.put({ octets: octets.slice(), from: endpoint.path });
  return ok(octets.length);
}

/** No more datagrams for now: one more than the limit has come (Linux unix_recvq_full). */
export const isFull = (host: Host, { queue }: UnixEndpoint): boolean => queue.length > host.sysctls.now['net.unix.max_dgram_qlen'];

function peerOf(endpoint: UnixEndpoint): Result<UnixEndpoint, Errno> {
  const { peer } = endpoint;
  if (!peer) return fail('ENOTCONN', 'the socket is not connected, and no destination was given');
  if (peer.isOpen) return ok(peer);
  endpoint.peer = undefined;
  return fail('ECONNREFUSED', 'the peer is closed');
}
