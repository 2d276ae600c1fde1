import type { Endpoint, Instant } from '../record.ts';

/** How many connections a queue of a listener held, as far as packets show. */
export interface QueueLengths {
  /** At the end of what was captured. */
  readonly now: number;
  readonly most: number;
  /** When it first held the most, in seconds after `origin`. */
  readonly mostAt: number;
  /** Each change, in order; of very many those that keep its peaks. */
  readonly history: readonly QueueLength[];
}

export interface QueueLength {
  /** Seconds after `origin`. */
  readonly at: number;
  readonly length: number;
}

/** Between two answers that show the same. Between two spans the port opened or closed, and no packet shows when. */
export interface ListenerSpan {
  readonly state: 'LISTEN' | 'CLOSED';
  readonly from: Instant;
  readonly to: Instant;
  /** The connection that shows it first. */
  readonly connection: number;
  /** The frames that show it first and last: a SYN,ACK, or a RST that refuses a SYN. */
  readonly packet: number;
  readonly lastPacket: number;
}

/** An address and port that connections were opened to, and what its answers show of it. */
export interface ListenerRecord {
  readonly endpoint: Endpoint;
  /** By its last answer to a SYN. UNKNOWN: it never answered one. */
  readonly state: 'LISTEN' | 'CLOSED' | 'UNKNOWN';
  /** The latest of them. */
  readonly spans: readonly ListenerSpan[];
  /** Connections opened to it. */
  readonly connections: number;
  /** Those whose handshake it completed, those it refused, and those it never answered. */
  readonly established: number;
  readonly refused: number;
  readonly unanswered: number;
  /** SYN-RECEIVED: answered, and not yet acknowledged. */
  readonly synQueue: QueueLengths;
  /**
   * Established, and nothing sent by its program: they may wait to be accepted, or a program may have them that says nothing.
   * No more than these wait.
   */
  readonly acceptQueue: QueueLengths;
  /** SYNs without an answer of connections that it answered in the end: lost, or dropped by a full queue. */
  readonly ignoredSyns: number;
  /** Connections whose client had answered twice when the SYN,ACK was sent again: the accept queue had no room. */
  readonly ignoredAcks: number;
  /** Connections answered by a single SYN,ACK that nothing answers: a SYN cookie, which is not kept, or the capture missed the ACK. */
  readonly unrepeated: number;
}

export interface ListenersReport {
  /** Capture time of the first frame; absent when there was none. */
  readonly origin?: Instant;
  /** Those that listen first, and of them the busiest; not more than asked for. */
  readonly listeners: readonly ListenerRecord[];
  /** How many there are in all. */
  readonly total: number;
}
