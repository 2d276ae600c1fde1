import { type SeqNum, seqAfter, seqBefore } from '../../wire/seq.ts';
import { MARK } from '../marks.ts';
import type { Ledger } from './ledger.ts';
import type { Seen } from './seen.ts';

/**
 * Why a segment was sent again. `fast`: its receiver's duplicate ACKs or SACK asked for it, or
 * acknowledged what was sent later. `timeout`: the retransmission timer.
 * `tail-probe`: the last segment of a flight, to ask for an ACK (RFC 8985 §7). `timer`: a timer, and with a single segment
 * under way nobody can tell which of the two. `needless`: it had been acknowledged. `unclear`: none of these fits.
 */
export const CAUSES = ['fast', 'timeout', 'tail-probe', 'timer', 'needless', 'unclear'] as const;
export type Cause = (typeof CAUSES)[number];

/** No retransmission timer of today is shorter (Linux TCP_RTO_MIN). */
const SHORTEST_TIMEOUT = 190e6;
/** Duplicate ACKs without SACK that ask for a segment (RFC 5681 §3.2). */
const DUPLICATES = 3;

/** Follows one side's repairs: what is sent again while one goes on has the cause of its beginning. */
export class CauseTracker {
  private repairing: Cause | undefined;
  /** The last repair, and when it last sent something again. */
  private latest: { readonly cause: Cause; readonly at: number } | undefined;
  private repairedAt = 0 as SeqNum;
  /** Repetitions by timer of the same segment, in a row. */
  private byTimer = 0;
  private lastSeq = 0 as SeqNum;

  /** Judges a segment of this side that was sent before, its ledger not yet knowing of it. */
  judge(s: Seen, ledger: Ledger): Cause {
    if ((s.marks & MARK['spurious-retransmission']) !== 0 || (ledger.isAcked && !seqAfter(s.end, ledger.una))) return 'needless';
    if (this.repairing && ledger.isAcked && !seqBefore(ledger.una, this.repairedAt)) this.repairing = undefined;
    const sameAgain = this.byTimer > 0 && s.seq === this.lastSeq;
    const asked = ledger.sackHeard || ledger.duplicateAcks >= DUPLICATES;
    const acked = Number.isNaN(ledger.ackedAt) ? 0 : ledger.ackedAt;
    const quiet = s.time - Math.max(ledger.sentAt, acked);
    // New data does not put the retransmission timer off, as it does the tail loss probe (RFC 6298 §5).
    const waited = s.time - Math.max(ledger.flight.find(s.seq)?.time ?? ledger.sentAt, acked);
    const cause = this.fresh(s, ledger, { asked, sameAgain, quiet, waited });
    this.byTimer = cause === 'timeout' || cause === 'timer' || cause === 'tail-probe' ? this.byTimer + 1 : 0;
    this.lastSeq = s.seq;
    if (this.repairing) this.latest = { cause: this.repairing, at: s.time };
    return cause;
  }

  private fresh(
    s: Seen,
    ledger: Ledger,
    { asked, sameAgain, quiet, waited }: { asked: boolean; sameAgain: boolean; quiet: number; waited: number },
  ): Cause {
    const isHead = !ledger.isAcked || s.seq === ledger.una;
    const isTail = s.end === ledger.nxt;
    if (sameAgain && isHead && quiet >= SHORTEST_TIMEOUT) return this.begin('timeout', ledger);
    if (this.repairing && !(isHead && quiet >= SHORTEST_TIMEOUT)) return this.repairing;
    if (asked && quiet < SHORTEST_TIMEOUT) return this.begin('fast', ledger);
    if (isHead && isTail) return quiet >= SHORTEST_TIMEOUT ? this.begin('timer', ledger, false) : 'unclear';
    if (isTail && !asked) return 'tail-probe';
    if (isHead && (quiet >= SHORTEST_TIMEOUT || (!asked && waited >= SHORTEST_TIMEOUT))) return this.begin('timeout', ledger);
    if (asked) return this.begin('fast', ledger);
    if (wasPassed(s, ledger)) return this.begin('fast', ledger);
    // The ACK that ends one repair may show the next hole.
    const goesOn = isHead && this.latest && s.time - this.latest.at < SHORTEST_TIMEOUT;
    return goesOn ? this.begin(this.latest!.cause, ledger) : 'unclear';
  }

  private begin(cause: Cause, ledger: Ledger, goesOn = true): Cause {
    if (goesOn) {
      this.repairing = cause;
      this.repairedAt = ledger.nxt;
    }
    return cause;
  }
}

/** Something sent after it has been acknowledged, which tells its sender that it is lost, without SACK or duplicate (RACK, RFC 8985 §6.2). */
function wasPassed({ seq }: Seen, { flight }: Ledger): boolean {
  const sent = flight.find(seq);
  return sent !== undefined && sent.time < flight.deliveredSentAt;
}
