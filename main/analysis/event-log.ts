import { type Arena, HEAP } from './arena.ts';
import { EVENT_KINDS, type EventKind } from './record.ts';
import { RecordLog } from './record-log.ts';

// Fields of an event in the log.
const PREVIOUS = 0;
const KIND_AND_ORDINAL = 1;
const PACKET = 2;
const REFERS_TO = 3;

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
  /** How many there are of each kind, by its place in EVENT_KINDS. */
  readonly counts = new Float64Array(EVENT_KINDS.length);
  /** The words they are kept in. */
  readonly records: RecordLog;

  constructor(arena: Arena = HEAP) {
    this.records = new RecordLog(arena);
  }

  /** Adds an event after `previous` (-1: the connection's first) and gives its place. `kind` is its place in EVENT_KINDS. */
  add(previous: number, kind: number, packet: number, refersTo: number, ordinal: number): number {
    this.counts[kind]!++;
    return this.records.push(previous, kind | (ordinal << KIND_BITS), packet, refersTo);
  }

  /** The latest `most` events of the chain that ends with `last`, oldest first; each is read when it is asked for. */
  *latest(last: number, most: number): Generator<LoggedEvent> {
    const { records } = this;
    const places: number[] = [];
    for (let i = last; i >= 0 && places.length < most; i = records.get(i, PREVIOUS)) places.push(i);
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const word = records.get(place, KIND_AND_ORDINAL);
      yield {
        kind: EVENT_KINDS[word & KIND]!,
        packet: records.get(place, PACKET),
        refersTo: records.get(place, REFERS_TO),
        ordinal: word >>> KIND_BITS,
      };
    }
  }

  /** Octets allocated. */
  get memory(): number {
    return this.records.memory;
  }
}
