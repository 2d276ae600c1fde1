import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter, seqDistance } from '../../wire/seq.ts';
import type { Side } from '../record.ts';
import { type Account, type Examiner, type Facts, fullSegment } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import type { RoundTrips } from './round-trip.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { octets, other, percent, span, The, the } from './words.ts';

/** ACKs that are on their way from the capture to the sender; of more, the oldest count as there. */
const MOST_ACKS = 256;
/** What an ACK lets go leaves so soon after it, beside the way. */
const PROMPT_NANOSECONDS = 2e6;
/** Less is no transfer that anything could limit. */
const LEAST_SEGMENTS = 20;
const LEAST_OCTETS = 32 * 1024;
/** A cause with a share below this is not named. */
const NEGLIGIBLE = 0.05;
/** A cause with such a share is the one to work on. */
const MAIN = 0.5;

interface Ack {
  /** When it is at the sender. */
  at: number;
  ack: SeqNum;
  /** Where the window ends that it opens; undefined where its scale is unknown. */
  edge: SeqNum | undefined;
}

/**
 * One side's sending, as it looked there. A capture in the middle sees data after it left and ACKs before they arrive; ACKs
 * are held back here for as long as the way to the sender and back takes, so that the order is the sender's.
 */
class Sender {
  /** Nanoseconds before each new segment, by what they were spent on. */
  application = 0;
  window = 0;
  network = 0;
  private known = false;
  private nxt = 0 as SeqNum;
  private una = 0 as SeqNum;
  private edge: SeqNum | undefined;
  private full = 0;
  private lastLength = 0;
  private lastSend = 0;
  private lastEvent = 0;
  private lastAck = Number.NEGATIVE_INFINITY;
  /** Since the last new segment: with no room in the peer's window, with data under way, with none. */
  private closed = 0;
  private underway = 0;
  /** Of the time with no room, that in which there was none for a single octet: no program can send then. */
  private shut = 0;
  private idle = 0;
  /** On their way to the sender, in a ring: so many from the first on. */
  private readonly acks: Ack[] = [];
  private firstAck = 0;
  private ackCount = 0;
  firstRow = -1;
  lastRow = -1;
  windowLimitedRow = -1;
  smallestWindow = Number.POSITIVE_INFINITY;

  /** An ACK of the peer's passes; it will be at the sender at `at`. */
  hear(at: number, ack: SeqNum, window: number, scaled: boolean): void {
    if (this.ackCount === MOST_ACKS) this.takeFirst();
    const place = (this.firstAck + this.ackCount++) % MOST_ACKS;
    const edge = scaled ? seqAdd(ack, window) : undefined;
    const known = this.acks[place];
    if (!known) this.acks[place] = { at, ack, edge };
    else {
      known.at = at;
      known.ack = ack;
      known.edge = edge;
    }
  }

  /** `full`: payload of a full segment. */
  send(s: Seen, full: number, roundTrip: number): void {
    this.full = Math.max(1, full);
    while (this.ackCount > 0 && this.acks[this.firstAck]!.at <= s.time) this.takeFirst();
    const isNew = !this.known || seqAfter(s.end, this.nxt);
    if (!isNew) return;
    if (this.known) {
      this.pass(s.time);
      this.settle(s, roundTrip);
    } else {
      this.known = true;
      this.una = s.seq;
      this.firstRow = s.row;
    }
    this.nxt = s.end;
    this.lastRow = s.row;
    this.lastLength = s.length;
    this.lastSend = this.lastEvent = s.time;
    this.closed = this.shut = this.underway = this.idle = 0;
  }

  private takeFirst(): void {
    const { at, ack, edge } = this.acks[this.firstAck]!;
    this.ackCount--;
    this.firstAck = this.ackCount === 0 ? 0 : (this.firstAck + 1) % MOST_ACKS;
    if (this.known) this.pass(at);
    if (!this.known || seqAfter(ack, this.una)) this.una = ack;
    if (edge !== undefined && (this.edge === undefined || seqAfter(edge, this.edge) || ack === this.una)) this.edge = edge;
    this.lastAck = at;
  }

  /** Time passes with things as they stand. */
  private pass(now: number): void {
    const span = Math.max(0, now - this.lastEvent);
    this.lastEvent = Math.max(now, this.lastEvent);
    const room = this.edge === undefined ? this.full : seqDistance(this.nxt, this.edge);
    if (room <= 0) this.shut += span;
    if (room < this.full) this.closed += span;
    else if (seqAfter(this.nxt, this.una)) this.underway += span;
    else this.idle += span;
  }

  /** A new segment leaves, which tells what the sender had waited for. */
  private settle(s: Seen, roundTrip: number): void {
    const answersAck = s.time - this.lastAck <= PROMPT_NANOSECONDS + roundTrip / 16;
    const steady = s.time - this.lastSend < roundTrip / 2;
    const small = s.length < this.full && this.lastLength < this.full;
    const wasShut = 2 * this.shut > this.closed + this.underway + this.idle;
    if (!wasShut && (small || !(answersAck || steady))) {
      this.application += this.closed + this.underway + this.idle;
      return;
    }
    if (this.closed > this.underway) this.windowLimitedRow = s.row;
    this.window += this.closed;
    this.network += this.underway;
    this.application += this.idle;
  }
}

/** What kept a bulk sender from sending more: its program, the peer's window, or the congestion window and the path behind it. */
export class Limits implements Examiner {
  private readonly senders = { client: new Sender(), server: new Sender() };
  private readonly trips: RoundTrips;

  constructor(trips: RoundTrips) {
    this.trips = trips;
  }

  see(s: Seen, account: Account): void {
    if (has(s, Flag.SYN) || has(s, Flag.RST)) return;
    const client = this.trips.shortest('client') ?? 0;
    const server = this.trips.shortest('server') ?? 0;
    if (s.length > 0) ofSender(this.senders, s).send(s, fullSegment(account, s.from), client + server);
    if (has(s, Flag.ACK)) {
      const sender = ofPeer(this.senders, s);
      sender.hear(s.time + (s.from === 'client' ? server : client), s.ack, s.window, ofSender(account.scaled, s));
      if (ofPeer(account, s).dataSegments > 0) sender.smallestWindow = Math.min(sender.smallestWindow, s.window);
    }
  }

  report(_facts: Facts, account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      const ledger = account[side];
      if (ledger.dataSegments < LEAST_SEGMENTS || ledger.octets < LEAST_OCTETS) continue;
      this.tell(side, account, book);
    }
  }

  private tell(side: Side, account: Account, book: Notebook): void {
    const { application, window, network, firstRow, lastRow, windowLimitedRow } = this.senders[side];
    const total = application + window + network;
    if (total <= 0) return;
    const peer = other(side);
    const shares = [
      {
        name: 'application',
        share: application / total,
        words: `its own program, which had nothing to send, ${percent(application / total)}`,
      },
      { name: 'window', share: window / total, words: `the receive window of ${the(peer)} ${percent(window / total)}` },
      { name: 'network', share: network / total, words: `the congestion window and the path ${percent(network / total)}` },
    ].sort((a, b) => b.share - a.share);
    const main = shares[0]!;
    const trip = (this.trips.shortest('client') ?? 0) + (this.trips.shortest('server') ?? 0);
    book.add({
      kind: 'limited-by',
      reason: main.share >= MAIN ? main.name : undefined,
      severity: main.name === 'window' && main.share >= MAIN ? 'warning' : 'note',
      ambiguous: !account.scaled[peer],
      side,
      rows: [firstRow, windowLimitedRow, lastRow],
      text: `What held ${the(side)} back while it sent (${span(total)}): ${shares
        .filter(({ share }) => share >= NEGLIGIBLE)
        .map(({ words }) => words)
        .join(
          ', ',
        )} of the time.${main.name === 'window' && trip > 0 ? ` ${The(side)} can have no more than that window under way in each round trip of ${span(trip)} (its largest segment: ${octets(fullSegment(account, side))}).` : ''}${account.scaled[peer] ? '' : ' The window scale was not captured, so the window counts for nothing here.'}`,
      confirm: CONFIRM[main.name as keyof typeof CONFIRM](side),
      values: { application: application / total, window: window / total, network: network / total, seconds: total / 1e9 },
    });
  }
}

const CONFIRM = {
  application: (side: Side) => `\`ss -ti\` on the host of ${the(side)} shows app_limited; a profile of its program shows where it waits.`,
  window: (side: Side) =>
    `\`ss -ti\` on the host of ${the(side)} shows rwnd_limited. A larger receive buffer at ${the(other(side))} must make it faster; where its window shrinks to nothing, its program is what is slow.`,
  network: (side: Side) =>
    `\`ss -ti\` on the host of ${the(side)}: cwnd times mss equals what is under way. Loss and a bottleneck on the path keep it small.`,
};
