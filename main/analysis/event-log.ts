import { EVENT_KINDS, type EventKind } from './record.ts';

const FIELDS = 4;
/** Bits of a word that name the kind; the ordinal lies above. */
const KIND_BITS = 5;
const KIND = (1 << KIND_BITS) - 1;

/** One event, read out of the log; packets are rows of the packet columns. */
export interface LoggedEvent {
  readonly kind: EventKind;
  readonly packet: number;
  /** The packet it refers to, or -1. */
  readonly refersTo: number;
  /** Which one in a row, from 1; 0 where that says nothing. */
  readonly ordinal: number;
}

/**
 * Every event of every connection, 16 octets each; a connection's events are a chain from the newest backwards. So what a
 * connection has to tell costs what there is to tell, however many packets it has.
 */
export class EventLog {
  private words = new Int32Array(1024);
  private count = 0;

  /** Adds an event after `previous` (-1: the connection's first) and gives its place. `kind` is its place in EVENT_KINDS. */
  add(previous: number, kind: number, packet: number, refersTo: number, ordinal: number): number {
    if (this.count * FIELDS === this.words.length) {
      const larger = new Int32Array(this.words.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    const at = this.count * FIELDS;
    this.words[at] = previous;
    this.words[at + 1] = kind | (ordinal << KIND_BITS);
    this.words[at + 2] = packet;
    this.words[at + 3] = refersTo;
    return this.count++;
  }

  /** The latest `most` events of the chain that ends with `last`, oldest first. */
  latest(last: number, most: number): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    for (let i = last; i >= 0 && events.length < most; i = this.words[i * FIELDS]!) {
      const word = this.words[i * FIELDS + 1]!;
      events.push({
        kind: EVENT_KINDS[word & KIND]!,
        packet: this.words[i * FIELDS + 2]!,
        refersTo: this.words[i * FIELDS + 3]!,
        ordinal: word >>> KIND_BITS,
      });
    }
    return events.reverse();
  }

  /** Octets allocated. */
  get memory(): number {
    return this.words.length * 4;
  }
}
