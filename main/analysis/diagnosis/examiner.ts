import type { Connection } from '../connection-store.ts';
import type { Flow } from '../flow.ts';
import type { IcmpNote } from '../icmp-notes.ts';
import type { Instant, Side } from '../record.ts';
import type { Stay } from '../report/history.ts';
import type { Underway } from './flight.ts';
import type { Ledger } from './ledger.ts';
import type { Notebook } from './notebook.ts';
import { ofSide, type Seen } from './seen.ts';
import { other } from './words.ts';

/** A connection under examination, as far as its segments were read. */
export interface Account {
  readonly client: Ledger;
  readonly server: Ledger;
  /** The newest segment of the peer's that the segment at hand acknowledges for the first time. */
  acknowledged: Underway | undefined;
  /** The scale of each side's windows is known. */
  readonly scaled: { client: boolean; server: boolean };
  /** Maximum segment size that each side announced; 0 where its SYN was not captured. */
  readonly mss: { client: number; server: number };
}

/** What is known of a connection beside its segments, when findings are asked for. */
export interface Facts {
  readonly connection: Connection;
  readonly flows: { readonly client: Flow; readonly server: Flow };
  readonly icmp: readonly IcmpNote[];
  /** How far time has come, on the analysis clock; and the same as a capture time. */
  readonly now: number;
  readonly present: Instant;
  /** When an endpoint was first in a state, by its code in `change-log.ts`; undefined where it never was. */
  stay(side: Side, state: number): Stay | undefined;
  /** When a row was captured, on the analysis clock. */
  timeOf(row: number): number;
  /** Nanoseconds from one capture time to another. */
  between(from: Instant, to: Instant): number;
  /** Who sent the segment that an ICMP error quotes. */
  quotedSide(note: IcmpNote): Side;
}

/** Octets that timestamps take of every segment (RFC 7323 §3.2, with two for alignment). */
const TIMESTAMPS = 12;

/**
 * Payload of a full segment of one side. A host that leaves the cutting to its network card shows larger ones; then the
 * peer's announcement tells.
 */
export function fullSegment(account: Account, side: Side): number {
  const { largest, hasTimestamps } = ofSide(account, side);
  const announced = ofSide(account.mss, other(side));
  return announced > 0 && largest > announced ? announced - (hasTimestamps ? TIMESTAMPS : 0) : largest;
}

/**
 * One question asked of a connection. `see` is called for every segment in order: its receiver's
 * account has what it acknowledges already, its sender's does not know of it yet.
 `report` says what was found so far, and may be asked at any time.
 */
export interface Examiner {
  see(s: Seen, account: Account): void;
  report(facts: Facts, account: Account, book: Notebook): void;
}
