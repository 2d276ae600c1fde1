import { Flag } from '../../wire/segment.ts';
import type { Side } from '../record.ts';
import { Evidence } from './evidence.ts';
import { type Account, type Examiner, type Facts, fullSegment } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import type { RoundTrips } from './round-trip.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { counted, other, span, The, the } from './words.ts';

/** Delayed ACKs of today's systems take 40 to 200 ms (RFC 1122 §4.2.3.2 allows 500). */
const SHORTEST_DELAY = 30e6;
const LONGEST_DELAY = 500e6;
/** What waited for an ACK leaves as soon as that comes. */
const PROMPT_NANOSECONDS = 1e6;
/** One may be chance; from here on it is a pattern, if it is not rare among the late ACKs. */
const PATTERN = 2;
const PATTERN_SHARE = 1 / 3;

class Waiting {
  /** Bare ACKs that came late for a lone segment. */
  readonly delayed = new Evidence();
  /** Of those, the ones for which the sender had waited with more to send. */
  readonly held = new Evidence();
  cost = 0;
  shortest = Number.POSITIVE_INFINITY;
  longest = 0;
  /** The late ACK that may just have let something go: its time, row and how late it was. */
  ackAt = Number.NaN;
  ackRow = -1;
  late = 0;
}

/**
 * A small segment waits until what is under way is acknowledged (Nagle, RFC 9293 §3.7.4), and the receiver waits with its ACK
 * for more data: both wait until the ACK's timer ends it. Seen as a bare ACK that comes late, and data that follows at once.
 */
export class Stalls implements Examiner {
  /** By the sender of the data. */
  private readonly waiting = { client: new Waiting(), server: new Waiting() };
  private readonly trips: RoundTrips;

  constructor(trips: RoundTrips) {
    this.trips = trips;
  }

  see(s: Seen, account: Account): void {
    this.release(s, account);
    this.lateAck(s, account);
  }

  /** A bare ACK of everything under way, later than the path needs. */
  private lateAck(s: Seen, account: Account): void {
    const { acknowledged } = account;
    const ledger = ofPeer(account, s);
    if (!acknowledged || acknowledged.resent > 0 || s.length > 0 || has(s, Flag.SYN) || has(s, Flag.FIN) || has(s, Flag.RST)) return;
    if (ledger.una !== ledger.nxt || ledger.lastLength === 0 || ledger.finRow >= 0) return;
    const path = this.trips.shortest(s.from) ?? 0;
    const late = s.time - acknowledged.time - path;
    const waiting = ofPeer(this.waiting, s);
    waiting.ackAt = Number.NaN;
    if (late < SHORTEST_DELAY || late > LONGEST_DELAY) return;
    waiting.delayed.add(s.row);
    waiting.shortest = Math.min(waiting.shortest, late);
    waiting.longest = Math.max(waiting.longest, late);
    waiting.ackAt = s.time;
    waiting.ackRow = s.row;
    waiting.late = late;
  }

  /** New data right behind a late ACK had waited for it. */
  private release(s: Seen, account: Account): void {
    const waiting = ofSender(this.waiting, s);
    if (Number.isNaN(waiting.ackAt) || s.length === 0) return;
    const path = this.trips.shortest(s.from) ?? 0;
    const after = s.time - waiting.ackAt;
    waiting.ackAt = Number.NaN;
    const full = Math.max(fullSegment(account, s.from), 536);
    const isNew = ((s.end - ofSender(account, s).nxt) | 0) > 0;
    // What comes sooner than the way to the sender and back had left before the ACK was there.
    if (after < path * 0.75 - PROMPT_NANOSECONDS) return;
    // A window that was full lets data go in the same way; then what waited is a full segment, or the window was small.
    if (!isNew || after > path * 1.25 + PROMPT_NANOSECONDS || s.length > full || ofPeer(account, s).window < full) return;
    waiting.held.add(waiting.ackRow);
    waiting.held.add(s.row);
    waiting.cost += waiting.late;
  }

  report(_facts: Facts, _account: Account, book: Notebook): void {
    for (const sender of ['client', 'server'] as const) {
      const waiting = this.waiting[sender];
      const stalls = Math.floor(waiting.held.count / 2);
      if (stalls >= PATTERN && stalls >= PATTERN_SHARE * waiting.delayed.count) this.stalled(sender, stalls, book);
      else if (waiting.delayed.count >= PATTERN) this.delayed(sender, book);
    }
  }

  private stalled(sender: Side, stalls: number, book: Notebook): void {
    const { held, cost, shortest, longest } = this.waiting[sender];
    const receiver = other(sender);
    book.add({
      kind: 'nagle-delayed-ack',
      severity: 'warning',
      side: sender,
      rows: held.rows,
      count: held.count,
      text: `${The(sender)} waited ${counted(stalls, 'time')} for a delayed ACK of ${the(receiver)} (${span(shortest)}${longest > shortest * 1.2 ? ` to ${span(longest)}` : ''} each, ${span(cost)} in all) before it sent what it had: Nagle’s algorithm holds a small segment back while another is under way, and the receiver holds its ACK back for more data.`,
      confirm: `Write a message in one call, or set TCP_NODELAY in the program of ${the(sender)}: the pauses must vanish. \`strace -e trace=write,send\` shows the small writes.`,
      values: { stalls, seconds: cost / 1e9, shortest: shortest / 1e9, longest: longest / 1e9 },
    });
  }

  private delayed(sender: Side, book: Notebook): void {
    const { delayed, shortest, longest } = this.waiting[sender];
    book.add({
      kind: 'delayed-ack',
      severity: 'note',
      side: other(sender),
      rows: delayed.rows,
      count: delayed.count,
      text: `${The(other(sender))} delays its ACKs (${counted(delayed.count, 'time')}, by ${span(shortest)}${longest > shortest * 1.2 ? ` to ${span(longest)}` : ''}). Nothing waited for them.`,
      confirm: 'A delayed ACK is no loss of time while the sender has nothing small to send after it.',
      values: { count: delayed.count, shortest: shortest / 1e9, longest: longest / 1e9 },
    });
  }
}
