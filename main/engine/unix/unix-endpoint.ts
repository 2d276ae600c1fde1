import { Fifo } from '../fifo.ts';
import type { ErrnoName } from '../sockets/errno.ts';
import type { SocketType, Wakeable } from '../sockets/socket.ts';

/** What was written in one call, and by whom. */
export interface UnixMessage {
  readonly octets: Uint8Array;
  readonly from: string;
}

/**
 * One AF_UNIX socket (unix(7)). What is written goes straight into the peer's queue: no headers, no segments, no route, no
 * time on the way, nothing to lose.
 */
export class UnixEndpoint {
  readonly id: number;
  readonly type: SocketType;
  /** Where it is bound: a path, '@name' in the abstract space, '' for nowhere. */
  path = '';
  peer: UnixEndpoint | undefined;
  /** What arrived and was not read. */
  readonly queue = new Fifo<UnixMessage>();
  queued = 0;
  /** How many messages and connections have come in. */
  arrivals = 0;
  /** Connections nobody has accepted; undefined while it does not listen. */
  pending: Fifo<UnixEndpoint> | undefined;
  backlog = 0;
  isOpen = true;
  readClosed = false;
  sendClosed = false;
  error: ErrnoName | undefined;
  holder: Wakeable | undefined;
  /** Writers of datagrams that wait for room in this queue, and connecting ones for a place in the backlog. */
  readonly waiting = new Set<Wakeable>();

  constructor(id: number, type: SocketType) {
    this.id = id;
    this.type = type;
  }

  put(message: UnixMessage): void {
    this.queue.push(message);
    this.queued += message.octets.length;
    this.arrivals++;
    this.holder?.wake();
  }

  /** The oldest message, whole. */
  takeMessage(): UnixMessage | undefined {
    const first = this.queue.shift();
    if (!first) return undefined;
    this.queued -= first.octets.length;
    if (this.type === 'SOCK_DGRAM') this.tellWaiting();
    else this.peer?.holder?.wake(); // there is room to write again (Linux sock_wfree)
    return first;
  }

  /** Up to `most` octets of the oldest message; the rest stays. */
  take(most: number): UnixMessage | undefined {
    const first = this.queue.at(0);
    if (!first || first.octets.length <= most) return this.takeMessage();
    this.queue.shift();
    this.queue.unshift({ ...first, octets: first.octets.subarray(most) });
    this.queued -= most;
    return { ...first, octets: first.octets.subarray(0, most) };
  }

  tellWaiting(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const one of waiting) one.wake();
  }
}
