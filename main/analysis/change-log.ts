import { TCP_STATES, type TcpState } from '../tcp-model/states.ts';
import { TRANSITIONS, type Trigger } from '../tcp-model/transitions.ts';
import { type Arena, HEAP } from './arena.ts';
import { RecordLog } from './record-log.ts';

/** States as small numbers: 0 is UNKNOWN, then `TCP_STATES` in order. */
export const State = Object.fromEntries([['UNKNOWN', 0], ...TCP_STATES.map((name, i) => [name, i + 1])]) as {
  readonly [S in TcpState | 'UNKNOWN']: number;
};
/** One for each state, and 0. */
export const STATE_CODES = TCP_STATES.length + 1;
export const stateName = (code: number): TcpState | 'UNKNOWN' => TCP_STATES[code - 1] ?? 'UNKNOWN';

const TRIGGERS: readonly Trigger[] = [...new Set(TRANSITIONS.map((t) => t.trigger))];
/** Triggers as small numbers. */
export const On = Object.fromEntries(TRIGGERS.map((name, i) => [name, i])) as { readonly [T in Trigger]: number };
export const triggerName = (code: number): Trigger => TRIGGERS[code]!;

/** For each state and trigger, the states it may lead to, as bits: the transition table, for the hot path. */
const TRIGGER_COUNT = TRIGGERS.length;
const ALLOWED = new Uint16Array(STATE_CODES * TRIGGER_COUNT);
for (const t of TRANSITIONS) ALLOWED[State[t.from] * TRIGGER_COUNT + On[t.trigger]]! |= 1 << State[t.to];

/** The transition table has a row for this change. */
export const isTransition = (from: number, trigger: number, to: number): boolean =>
  (ALLOWED[from * TRIGGER_COUNT + trigger]! & (1 << to)) !== 0;

// Fields of a change in the log.
const PREVIOUS = 0;
const WHAT = 1;
const PACKET = 2;
const EVIDENCE = 3;

/** Above state and trigger. */
const ASSUMED = 1 << 16;
const AT_EVIDENCE = 1 << 17;

/** One change of state, read out of the log. */
export interface Change {
  readonly state: number;
  readonly trigger: number;
  readonly assumed: boolean;
  /** The packet behind the change, and the one that shows it took place; often the same. Rows of the packet columns. */
  readonly packet: number;
  readonly evidence: number;
  /** The packet whose capture time the change is dated with: the first of the two at which it can have happened. */
  readonly at: number;
}

/** Every inferred change of state, 16 octets each; each endpoint's changes are a list from its newest backwards. */
export class ChangeLog {
  /** The words they are kept in. */
  readonly records: RecordLog;
  /** First of the places of what was claimed and taken back, a chain; or -1. */
  spare = -1;

  constructor(arena: Arena = HEAP) {
    this.records = new RecordLog(arena);
  }

  /** Adds a change, in a place of one that stands no more if there is one, and gives its place. */
  add(previous: number, to: number, trigger: number, assumed: boolean, packet: number, evidence: number, atEvidence: boolean): number {
    const what = to | (trigger << 8) | (assumed ? ASSUMED : 0) | (atEvidence ? AT_EVIDENCE : 0);
    if (this.spare < 0) return this.records.push(previous, what, packet, evidence);
    const place = this.takeSpare();
    this.records.put(place, previous, what, packet, evidence);
    return place;
  }

  /** A change that was claimed is taken back: its place is used again. */
  free(change: number): void {
    this.link(change, this.spare);
    this.spare = change;
  }

  /** The place that was freed last. */
  takeSpare(): number {
    const place = this.spare;
    this.spare = this.previous(place);
    return place;
  }

  previous(change: number): number {
    return this.records.get(change, PREVIOUS);
  }

  /** Makes one place follow another in its chain. */
  link(change: number, previous: number): void {
    this.records.set(change, PREVIOUS, previous);
  }

  state(change: number): number {
    return this.records.get(change, WHAT) & 0xff;
  }

  trigger(change: number): number {
    return (this.records.get(change, WHAT) >> 8) & 0xff;
  }

  /** The packet behind the change. */
  packet(change: number): number {
    return this.records.get(change, PACKET);
  }

  /** The packet the change is dated with. */
  datedBy(change: number): number {
    return this.records.get(change, (this.records.get(change, WHAT) & AT_EVIDENCE) !== 0 ? EVIDENCE : PACKET);
  }

  assumed(change: number): boolean {
    return (this.records.get(change, WHAT) & ASSUMED) !== 0;
  }

  /** What was claimed as seen is a guess. */
  doubt(change: number): void {
    this.records.set(change, WHAT, this.records.get(change, WHAT) | ASSUMED);
  }

  /** An endpoint's changes, oldest first. */
  list(last: number): Change[] {
    const changes: Change[] = [];
    for (let i = last; i >= 0; i = this.previous(i)) {
      changes.push({
        state: this.state(i),
        trigger: this.trigger(i),
        assumed: this.assumed(i),
        packet: this.packet(i),
        evidence: this.records.get(i, EVIDENCE),
        at: this.datedBy(i),
      });
    }
    return changes.reverse();
  }

  /** Octets allocated. */
  get memory(): number {
    return this.records.memory;
  }
}
