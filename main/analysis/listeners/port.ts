import { type PacketColumns, slot } from '../packet-columns.ts';
import type { Endpoint } from '../record.ts';
import { instantOf } from '../report/packets.ts';
import type { ListenerRecord, ListenerSpan } from './listener.ts';
import { QueueStays } from './queue-lengths.ts';

/** Spans told of a port that opens and closes without end. */
const MOST_SPANS = 32;

/** An address and port that connections were opened to, as it is gathered. */
export class Port {
  readonly synQueue = new QueueStays();
  readonly acceptQueue = new QueueStays();
  connections = 0;
  established = 0;
  refused = 0;
  unanswered = 0;
  /** Rows of SYNs that it let pass without an answer, and of those that it answered. */
  readonly passedOver: number[] = [];
  readonly taken: number[] = [];
  /** How many of those it let pass were of connections that it answered in the end. */
  ignoredSyns = 0;
  ignoredAcks = 0;
  unrepeated = 0;
  /** The row of each answer to a SYN, doubled, and one more where it refuses: in their order they are in the capture's. */
  private readonly answers: number[] = [];
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  answer(row: number): void {
    this.answers.push(2 * row);
  }

  refuse(row: number): void {
    this.refused++;
    this.answers.push(2 * row + 1);
  }

  /** What listens comes before what does not, and what is busy before what is not. */
  get weight(): number {
    return this.connections + (this.answers.length > this.refused ? 2 ** 32 : 0);
  }

  record(columns: PacketColumns): ListenerRecord {
    const { endpoint, connections, established, refused, unanswered, ignoredSyns, ignoredAcks, unrepeated } = this;
    const spans = this.spans(columns);
    return {
      endpoint,
      state: spans.at(-1)?.state ?? 'UNKNOWN',
      spans,
      connections,
      established,
      refused,
      unanswered,
      synQueue: this.synQueue.lengths(),
      acceptQueue: this.acceptQueue.lengths(),
      ignoredSyns,
      ignoredAcks,
      unrepeated,
    };
  }

  private spans(columns: PacketColumns): ListenerSpan[] {
    const runs: { readonly refused: boolean; readonly first: number; last: number }[] = [];
    for (const answer of Float64Array.from(this.answers).sort()) {
      const refused = answer % 2 === 1;
      const row = Math.floor(answer / 2);
      const run = runs.at(-1);
      if (run?.refused === refused) run.last = row;
      else runs.push({ refused, first: row, last: row });
    }
    return runs.slice(-MOST_SPANS).map(({ refused, first, last }) => ({
      state: refused ? 'CLOSED' : 'LISTEN',
      from: instantOf(columns, first),
      to: instantOf(columns, last),
      connection: columns.page(first).connection(slot(first)),
      packet: columns.frame(first),
      lastPacket: columns.frame(last),
    }));
  }
}
