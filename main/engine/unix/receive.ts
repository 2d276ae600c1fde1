import { ok, type Result } from '../../wire/result.ts';
import type { Attempt } from '../sockets/attempt.ts';
import { type Errno, fail } from '../sockets/errno.ts';
import type { MessageFlag } from '../sockets/message-flag.ts';
import type { Received } from '../sockets/protocol.ts';
import type { Socket } from '../sockets/socket.ts';
import { gather } from '../sockets/vectors.ts';
import { endpointOf } from './protocol.ts';
import type { UnixEndpoint } from './unix-endpoint.ts';

const given = (octets: Uint8Array): Result<Received, Errno> => ok({ octets, length: octets.length, from: undefined });
const EMPTY = new Uint8Array(0);

export const receiving = (socket: Socket, most: number, flags: readonly MessageFlag[], mayWait: boolean): Attempt<Received> =>
  socket.type === 'SOCK_STREAM'
    ? new UnixStreamReceive(socket, most, flags, mayWait)
    : { try: () => receiveDatagram(endpointOf(socket), most, flags) };

/** recv(2) on a stream, over the borders of what was written; an empty result is its end (Linux unix_stream_read_generic). */
class UnixStreamReceive implements Attempt<Received> {
  private readonly socket: Socket;
  private readonly most: number;
  private readonly peek: boolean;
  private readonly wantsAll: boolean;
  private readonly mayWait: boolean;
  private readonly parts: Uint8Array[] = [];
  private read = 0;

  constructor(socket: Socket, most: number, flags: readonly MessageFlag[], mayWait: boolean) {
    this.socket = socket;
    this.most = most;
    this.peek = flags.includes('MSG_PEEK');
    this.wantsAll = flags.includes('MSG_WAITALL');
    this.mayWait = mayWait;
  }

  try(): Result<Received, Errno> | undefined {
    const endpoint = endpointOf(this.socket);
    if (endpoint.pending) return fail('EINVAL', 'the socket listens');
    if (!endpoint.peer) return fail('EINVAL', 'the socket is not connected'); // Linux: not ENOTCONN
    if (this.peek) return this.look(endpoint) ?? ending(endpoint);
    while (this.read < this.most) {
      const message = endpoint.take(this.most - this.read);
      if (!message) break;
      this.parts.push(message.octets);
      this.read += message.octets.length;
    }
    const wanted = Math.max(1, this.wantsAll ? this.most : Math.min(this.socket.settings.receiveLowWater, this.most));
    if (this.read >= wanted) return this.timedOut();
    return this.gotAtEnd(endpoint) ?? (this.mayWait ? undefined : this.timedOut());
  }

  /** What has come so far. */
  timedOut(): Result<Received, Errno> | undefined {
    return this.read > 0 ? given(this.parts.length === 1 ? this.parts[0]! : gather(this.parts)) : undefined;
  }

  private gotAtEnd(endpoint: UnixEndpoint): Result<Received, Errno> | undefined {
    if (this.read === 0) return ending(endpoint);
    return endpoint.error || hasEnded(endpoint) ? this.timedOut() : undefined;
  }

  private look({ queue }: UnixEndpoint): Result<Received, Errno> | undefined {
    const parts: Uint8Array[] = [];
    let left = this.most;
    for (const { octets } of queue) {
      if (left === 0) break;
      parts.push(octets.subarray(0, left));
      left -= parts.at(-1)!.length;
    }
    return queue.length > 0 ? given(gather(parts)) : undefined;
  }
}

function receiveDatagram(endpoint: UnixEndpoint, most: number, flags: readonly MessageFlag[]): Result<Received, Errno> | undefined {
  const message = flags.includes('MSG_PEEK') ? endpoint.queue.at(0) : endpoint.takeMessage();
  if (!message) return ending(endpoint);
  const { octets, from } = message;
  return ok({
    octets: octets.subarray(0, most),
    length: octets.length,
    from: { address: from, port: 0 },
    ...(octets.length > most && { flags: ['MSG_TRUNC'] as const }),
  });
}

/** With nothing to read: an error, the end, or neither. */
function ending(endpoint: UnixEndpoint): Result<Received, Errno> | undefined {
  const { error } = endpoint;
  endpoint.error = undefined;
  if (error) return fail(error);
  return hasEnded(endpoint) ? given(EMPTY) : undefined;
}

const hasEnded = ({ readClosed, peer, type }: UnixEndpoint): boolean =>
  readClosed || (type === 'SOCK_STREAM' && (peer?.isOpen === false || peer?.sendClosed === true));
