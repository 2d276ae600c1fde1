import { TCP_STATES, type TcpState } from '../tcp-model/states.ts';
import { TRANSITIONS, type Trigger } from '../tcp-model/transitions.ts';

/** States as small numbers: 0 is UNKNOWN, then `TCP_STATES` in order. */
export const State = Object.fromEntries([['UNKNOWN', 0], ...TCP_STATES.map((name, i) => [name, i + 1])]) as {
  readonly [S in TcpState | 'UNKNOWN']: number;
};
export const stateName = (code: number): TcpState | 'UNKNOWN' => TCP_STATES[code - 1] ?? 'UNKNOWN';

const TRIGGERS: readonly Trigger[] = [...new Set(TRANSITIONS.map((t) => t.trigger))];
/** Triggers as small numbers. */
export const On = Object.fromEntries(TRIGGERS.map((name, i) => [name, i])) as { readonly [T in Trigger]: number };
export const triggerName = (code: number): Trigger => TRIGGERS[code]!;

/** For each state and trigger, the states it may lead to, as bits: the transition table, for the hot path. */
const ALLOWED = new Uint16Array((TCP_STATES.length + 1) * TRIGGERS.length);
for (const t of TRANSITIONS) ALLOWED[State[t.from] * TRIGGERS.length + On[t.trigger]]! |= 1 << State[t.to];

/** The transition table has a row for this change. */
export const isTransition = (from: number, trigger: number, to: number): boolean =>
  (ALLOWED[from * TRIGGERS.length + trigger]! & (1 << to)) !== 0;

const FIELDS = 4;
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
  private words = new Int32Array(1024);
  private count = 0;

  /** Adds a change in a place that is free, or a new one (`spare` -1), and gives its place. */
  add(
    spare: number,
    previous: number,
    to: number,
    trigger: number,
    assumed: boolean,
    packet: number,
    evidence: number,
    atEvidence: boolean,
  ): number {
    if (spare < 0 && this.count * FIELDS === this.words.length) {
      const larger = new Int32Array(this.words.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    const place = spare < 0 ? this.count++ : spare;
    const at = place * FIELDS;
    this.words[at] = previous;
    this.words[at + 1] = to | (trigger << 8) | (assumed ? ASSUMED : 0) | (atEvidence ? AT_EVIDENCE : 0);
    this.words[at + 2] = packet;
    this.words[at + 3] = evidence;
    return place;
  }

  previous(change: number): number {
    return this.words[change * FIELDS]!;
  }

  /** Makes one place follow another in its chain. */
  link(change: number, previous: number): void {
    this.words[change * FIELDS] = previous;
  }

  state(change: number): number {
    return this.words[change * FIELDS + 1]! & 0xff;
  }

  trigger(change: number): number {
    return (this.words[change * FIELDS + 1]! >> 8) & 0xff;
  }

  /** The packet behind the change. */
  packet(change: number): number {
    return this.words[change * FIELDS + 2]!;
  }

  /** The packet the change is dated with. */
  datedBy(change: number): number {
    return (this.words[change * FIELDS + 1]! & AT_EVIDENCE) !== 0 ? this.words[change * FIELDS + 3]! : this.words[change * FIELDS + 2]!;
  }

  assumed(change: number): boolean {
    return (this.words[change * FIELDS + 1]! & ASSUMED) !== 0;
  }

  /** What was claimed as seen is a guess. */
  doubt(change: number): void {
    this.words[change * FIELDS + 1]! |= ASSUMED;
  }

  /** An endpoint's changes, oldest first. */
  list(last: number): Change[] {
    const changes: Change[] = [];
    for (let i = last; i >= 0; i = this.previous(i)) {
      changes.push({
        state: this.state(i),
        trigger: this.trigger(i),
        assumed: this.assumed(i),
        packet: this.words[i * FIELDS + 2]!,
        evidence: this.words[i * FIELDS + 3]!,
        at: this.datedBy(i),
      });
    }
    return changes.reverse();
  }

  /** Octets allocated. */
  get memory(): number {
    return this.words.length * 4;
  }
}
