import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqBefore, seqDistance } from '../../wire/seq.ts';
import { MARK } from '../marks.ts';
import type { Side } from '../record.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Ledger } from './ledger.ts';
import type { Notebook } from './notebook.ts';
import { CAUSES, type Cause, CauseTracker } from './retransmission-cause.ts';
import type { RoundTrips } from './round-trip.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { counted, octets, other, percent, span, The, the } from './words.ts';

/** From this share of a side's data segments on, loss costs. */
const COSTLY_SHARE = 0.01;
const COSTLY_COUNT = 3;
/** How late a segment may come that others overtook, where the way is shorter still. */
const OVERTAKEN_NANOSECONDS = 3e6;
/** Part of the shortest way to the sender and back in which surely nothing asked for comes: the shortest measured was not the shortest there is. */
const SURELY = 3 / 4;
/** A wait for the timer that is felt. */
const FELT_NANOSECONDS = 1e9;
/** Repetitions in a row that stayed without any answer. */
const SILENT_REPETITIONS = 3;
const SILENT_NANOSECONDS = 1e9;
/** Payload that every path carries (RFC 9293 §3.7.1). */
const PASSES_ANYWHERE = 536;

class Repairs {
  readonly tracker = new CauseTracker();
  readonly evidence = new Evidence();
  readonly causes: Record<Cause, number> = { fast: 0, timeout: 0, 'tail-probe': 0, timer: 0, needless: 0, unclear: 0 };
  /** The first copy had been captured, so it was lost behind the capture; or it had not. */
  lostBehind = 0;
  lostBefore = 0;
  /** What followed the highest number when something came that others had just overtaken. */
  overtaken: SeqNum | undefined;
  waited = 0;
  longestWait = 0;
  /** The peer said that something came twice (D-SACK). */
  cameTwice = 0;
  /** Repetitions since the peer was heard. */
  readonly unanswered = { rows: new Evidence(), since: 0, last: 0, smallest: 0 };
  /** Payload of the largest segment that was acknowledged. */
  through = 0;

  isAmongOvertaken({ una }: Ledger): boolean {
    return this.overtaken !== undefined && seqBefore(una, this.overtaken);
  }
}

const CAUSE_WORDS: { readonly [C in Cause]: string } = {
  fast: 'because the receiver’s duplicate ACKs or SACK asked for it',
  timeout: 'by the retransmission timer',
  'tail-probe': 'as a tail loss probe',
  timer: 'by a timer (retransmission or tail loss probe)',
  needless: 'though it had been acknowledged',
  unclear: 'for no clear cause',
};

/** What was sent again, why, and where it was lost; and ends that fell silent. */
export class Losses implements Examiner {
  private readonly repairs = { client: new Repairs(), server: new Repairs() };
  private readonly gaps = new Evidence();
  private readonly trips: RoundTrips;

  constructor(trips: RoundTrips) {
    this.trips = trips;
  }

  see(s: Seen, account: Account): void {
    if ((s.marks & MARK['ack-lost-segment']) !== 0) this.gaps.add(s.row);
    const ledger = ofSender(account, s);
    const own = ofSender(this.repairs, s);
    const peer = ofPeer(this.repairs, s);
    if (s.hasDuplicateSack) peer.cameTwice++;
    if (peer.unanswered.rows.count > 0) peer.unanswered.rows = new Evidence();
    const { acknowledged } = account;
    if (acknowledged) peer.through = Math.max(peer.through, seqDistance(acknowledged.seq, acknowledged.end));
    if (isRepetition(s, ledger)) this.repeat(s, own, ledger);
  }

  private repeat(s: Seen, own: Repairs, ledger: Ledger): void {
    const passed = ledger.holeAt(s.seq);
    const filled = passed !== undefined;
    // Nobody can have asked for it in that time: it was overtaken, not lost.
    if (filled && s.time - passed < Math.max((this.trips.shortest(s.from) ?? 0) * SURELY, OVERTAKEN_NANOSECONDS)) {
      own.overtaken = ledger.nxt;
      return;
    }
    const judged = own.tracker.judge(s, ledger);
    // What came before it nobody can have asked for, or it was a repair by timer, which the sender alone knows of.
    const cause = judged === 'fast' && filled && own.isAmongOvertaken(ledger) ? 'unclear' : judged;
    own.causes[cause]++;
    own.evidence.add(s.row);
    if (cause !== 'needless') {
      if (filled) own.lostBefore++;
      else own.lostBehind++;
    }
    if (cause === 'timeout' || cause === 'timer') {
      const waited = s.time - ledger.sentAt;
      own.waited += waited;
      own.longestWait = Math.max(own.longestWait, waited);
    }
    if (own.unanswered.rows.count === 0) {
      own.unanswered.since = ledger.sentAt;
      own.unanswered.smallest = s.length;
    }
    own.unanswered.smallest = Math.min(own.unanswered.smallest, s.length);
    own.unanswered.rows.add(s.row);
    own.unanswered.last = s.time;
  }

  report(facts: Facts, account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      this.reportRepairs(side, facts, account, book);
      this.reportSilence(side, facts, book);
    }
    if (this.gaps.count > 0)
      book.add({
        kind: 'capture-gaps',
        severity: 'warning',
        rows: this.gaps.rows,
        count: this.gaps.count,
        text: `The capture is not complete: in ${counted(this.gaps.count, 'place')} an end acknowledges what was never captured. What is said of loss and limits here is less sure.`,
        confirm: 'The capture’s own counter of dropped packets; or part of the traffic takes another way.',
      });
  }

  private reportRepairs(side: Side, facts: Facts, account: Account, book: Notebook): void {
    const { evidence, causes, lostBehind, lostBefore, waited, longestWait, cameTwice } = this.repairs[side];
    if (evidence.count === 0) return;
    const share = evidence.count / Math.max(1, account[side].numbered);
    const refused = facts.icmp.some((note) => note.complaint === 'too-big' && facts.quotedSide(note) === side);
    const list = CAUSES.filter((cause) => causes[cause] > 0).map(
      (cause) =>
        `${causes[cause]} ${cause === 'unclear' && refused ? 'because a router refused them as too big (ICMP)' : CAUSE_WORDS[cause]}`,
    );
    const where: string[] = [];
    if (lostBehind > 0)
      where.push(
        `of ${lostBehind} the first copy was captured, so they were lost behind the place of the capture, towards ${the(other(side))}, or not lost at all`,
      );
    if (lostBefore > 0) where.push(`${lostBefore} had not come as far as the capture, so they were lost on the side of ${the(side)}`);
    const costly = (share >= COSTLY_SHARE && evidence.count >= COSTLY_COUNT) || longestWait >= FELT_NANOSECONDS;
    book.add({
      kind: 'retransmissions',
      severity: costly ? 'warning' : 'note',
      ambiguous: (causes.unclear > 0 && !refused) || causes.timer > 0,
      side,
      rows: evidence.rows,
      count: evidence.count,
      text: `${The(side)} sent ${counted(evidence.count, 'segment')} again (${percent(share)} of those with data or FIN): ${list.join('; ')}.${where.length > 0 ? ` Where they were lost: ${where.join('; ')}.` : ''}${waited > 0 ? ` Waiting for timers took ${span(waited)}.` : ''}${cameTwice > 0 ? ` The receiver says that ${cameTwice} came twice (D-SACK).` : ''}`,
      confirm: `A capture at the other end: \`tcpwb analyze A --with B\` tells which direction lost them. \`nstat TcpExtTCPTimeouts TcpExtTCPFastRetrans TcpExtTCPLossProbes\` on the host of ${the(side)} names the causes.`,
      values: {
        count: evidence.count,
        share,
        fast: causes.fast,
        timeout: causes.timeout,
        tailProbe: causes['tail-probe'],
        timer: causes.timer,
        needless: causes.needless,
        unclear: causes.unclear,
        lostBehind,
        lostBefore,
        waitedSeconds: waited / 1e9,
        cameTwice,
      },
    });
  }

  private reportSilence(side: Side, facts: Facts, book: Notebook): void {
    const { unanswered, through } = this.repairs[side];
    const { rows, since, last, smallest } = unanswered;
    if (rows.count < SILENT_REPETITIONS || last - since < SILENT_NANOSECONDS) return;
    const peer = other(side);
    book.add({
      kind: 'peer-silent',
      severity: 'problem',
      ambiguous: true,
      side: peer,
      rows: rows.rows,
      count: rows.count,
      text: `${The(peer)} fell silent: ${the(side)} repeated itself ${counted(rows.count, 'time')} over ${span(last - since)} and nothing came back${facts.now - last > SILENT_NANOSECONDS ? ' to the end of the capture' : ''}. Its host is down or unreachable, or a box on the way drops what passes${smallest > Math.max(through, PASSES_ANYWHERE) ? `; or the path’s MTU is too small for them: they have ${octets(smallest)} or more, and none so large got through before` : ''}.`,
      confirm: `\`ping\` to ${the(peer)} and a capture there; \`ping -M do -s 1472\` for the MTU.`,
      values: { repetitions: rows.count, seconds: (last - since) / 1e9 },
    });
  }
}

/** It takes numbers that its side has sent before (or that others have passed), and is no probe. */
export function isRepetition(s: Seen, ledger: Ledger): boolean {
  if (s.length === 0 && !has(s, Flag.FIN)) return false;
  if (!ledger.known || has(s, Flag.RST) || has(s, Flag.SYN)) return false;
  if ((s.marks & (MARK['keep-alive'] | MARK['zero-window-probe'])) !== 0) return false;
  return ((s.end - ledger.nxt) | 0) <= 0;
}
