import { Flag } from '../../wire/segment.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import type { RoundTrips } from './round-trip.ts';
import { has, type Seen } from './seen.ts';
import { counted, span } from './words.ts';

/** Copies of a SYN or SYN,ACK closer than this are the capture's or the network's: no sender repeats itself so soon. */
const RESENT_NANOSECONDS = 150e6;
/** A SYN or SYN,ACK without answer for so long is worth a word. */
const SILENCE_NANOSECONDS = 1e9;
/** A SYN,ACK without answer is repeated within this time by every system. */
const REPEATED_NANOSECONDS = 4e9;
const NEVER_ALL_LOST = 4;
/** Clocks and timers are not exact. */
const NEARLY = 0.9;
/** SYNs and answers whose times are kept. */
const MOST_KEPT = 16;

/** How the connection was opened, or was not. */
export class Opening implements Examiner {
  private readonly trips: RoundTrips;
  private readonly syns = new Evidence();
  private readonly synAcks = new Evidence();
  /** What the client sent after the first SYN,ACK: bare ACKs and data, until the server said anything but SYN,ACK. */
  private readonly answers = new Evidence();
  private lastSyn = Number.NEGATIVE_INFINITY;
  private lastSynAck = Number.NEGATIVE_INFINITY;
  private firstAnswer = -1;
  private dataUnheard = false;
  /** When each of the client's answers was captured, as far as they are counted. */
  private readonly answered: number[] = [];
  /** Answers that the server must have had when it sent its last SYN,ACK. */
  private unheard = 0;
  /** From the SYN that was answered, or from the first, to its SYN,ACK: what it takes to the server and back at most. */
  private away = 0;
  private serverSpoke = -1;
  private refusal = -1;
  private clientReset = -1;
  private serverReset = -1;
  /** Timestamps of each SYN, to tell which of them was answered. */
  private readonly synClocks: number[] = [];
  private readonly synTimes: number[] = [];
  private answeredClock: number | undefined;
  private over = false;

  constructor(trips: RoundTrips) {
    this.trips = trips;
  }

  see(s: Seen): void {
    if (this.over) return;
    if (s.from === 'client') this.seeClient(s);
    else this.seeServer(s);
  }

  private seeClient(s: Seen): void {
    if (has(s, Flag.RST)) {
      if (this.clientReset < 0) this.clientReset = s.row;
      return;
    }
    if (has(s, Flag.SYN)) {
      if (has(s, Flag.ACK) || s.time - this.lastSyn < RESENT_NANOSECONDS) return;
      this.lastSyn = s.time;
      this.syns.add(s.row);
      if (this.synTimes.length < MOST_KEPT) this.synTimes.push(s.time);
      if (s.hasTimestamps && this.synClocks.length < MOST_KEPT) this.synClocks.push(s.tsValue);
      return;
    }
    if (this.synAcks.count === 0 || !has(s, Flag.ACK)) return;
    if (this.firstAnswer < 0) this.firstAnswer = s.row;
    if (s.length > 0) this.dataUnheard = true;
    this.answers.add(s.row);
    if (this.answered.length < MOST_KEPT) this.answered.push(s.time);
  }

  private seeServer(s: Seen): void {
    if (has(s, Flag.RST)) {
      if (this.synAcks.count === 0) this.refusal = s.row;
      else if (this.serverReset < 0) this.serverReset = s.row;
      return;
    }
    if (!has(s, Flag.SYN)) {
      this.serverSpoke = s.row;
      this.over = true;
      return;
    }
    if (!has(s, Flag.ACK) || s.time - this.lastSynAck < RESENT_NANOSECONDS) return;
    this.lastSynAck = s.time;
    if (this.synAcks.count === 0) {
      if (s.hasTimestamps) this.answeredClock = s.tsEcho;
      this.away = s.time - (this.synTimes[Math.max(0, this.answeredSyn)] ?? s.time);
    }
    this.synAcks.add(s.row);
    this.unheard = this.answered.filter((time) => time < s.time - this.away).length;
  }

  /** Which SYN the first SYN,ACK answers, by its timestamp; -1 where that does not tell. */
  private get answeredSyn(): number {
    return this.answeredClock === undefined ? -1 : this.synClocks.indexOf(this.answeredClock);
  }

  report(facts: Facts, _account: Account, book: Notebook): void {
    if (this.syns.count === 0) return;
    // A RST that is followed by a SYN,ACK was not the server's; the examiner of resets tells of it.
    if (this.refusal >= 0 && this.synAcks.count === 0) this.refused(facts, book);
    else if (this.synAcks.count === 0) this.unanswered(facts, book);
    else {
      this.handshake(facts, book);
      if (this.syns.count > 1) this.synResent(facts, book);
      if (this.firstAnswer < 0 && this.serverSpoke < 0) this.halfOpen(facts, book);
      else if (this.firstAnswer >= 0 && this.synAcks.count > 1 && this.unheard > 0) this.synAckResent(facts, book);
    }
  }

  private refused(facts: Facts, book: Notebook): void {
    book.add({
      kind: 'refused',
      severity: 'problem',
      side: 'server',
      rows: [...this.syns.rows, this.refusal],
      count: this.syns.count + 1,
      text: `The server refused the connection with a RST, ${span(facts.timeOf(this.refusal) - facts.timeOf(this.syns.last))} after the SYN: nobody listens on that port, or a firewall answers for it.`,
      confirm: 'On the server, `ss -ltn` lists who listens. A firewall’s RST often has another TTL than the host’s own packets.',
    });
  }

  private unanswered(facts: Facts, book: Notebook): void {
    const { icmp } = facts;
    const silence = facts.now - facts.timeOf(this.syns.last);
    const complaint = icmp.find((note) => note.complaint !== 'too-big' && facts.quotedSide(note) === 'client');
    if (complaint) {
      const by =
        complaint.complaint === 'prohibited'
          ? 'a filter forbids it'
          : complaint.complaint === 'unreachable'
            ? 'there is no way to the host or port'
            : 'the packet ran out of hops';
      book.add({
        kind: 'unreachable',
        reason: complaint.complaint,
        severity: 'problem',
        side: 'server',
        rows: this.syns.rows,
        count: this.syns.count + 1,
        frames: [complaint.frame],
        text: `The SYN was answered by ICMP (packet ${complaint.frame}): ${by}. The connection was never opened.`,
        confirm: 'The sender of the ICMP packet is the router or host that refused; ask there for its routes and filters.',
      });
      return;
    }
    if (this.syns.count < 2 && silence < SILENCE_NANOSECONDS) return;
    book.add({
      kind: 'no-answer',
      severity: this.syns.count > 1 ? 'problem' : 'warning',
      ambiguous: true,
      side: 'server',
      rows: this.syns.rows,
      count: this.syns.count,
      text: `${counted(this.syns.count, 'SYN')}, and no answer of any kind within ${span(facts.now - facts.timeOf(this.syns.first))}: a filter drops them, the host is down, its listener’s queues are full, or the answers take another way.`,
      confirm:
        'A capture at the server: where the SYNs arrive there, a filter or a full queue dropped them (`nstat TcpExtListenDrops`); where not, they were lost or filtered on the way.',
      values: { syns: this.syns.count, seconds: (facts.now - facts.timeOf(this.syns.first)) / 1e9 },
    });
  }

  private handshake(facts: Facts, book: Notebook): void {
    const third = this.firstAnswer;
    if (third < 0 || this.syns.count === 0) return;
    const syn = facts.timeOf(this.syns.last);
    const synAck = facts.timeOf(this.synAcks.first);
    const away = synAck - syn;
    const back = facts.timeOf(third) - synAck;
    if (away < 0 || back < 0) return;
    const where = away > 4 * back ? ', so it was captured near the client' : back > 4 * away ? ', so it was captured near the server' : '';
    book.add({
      kind: 'handshake-time',
      severity: 'note',
      rows: [this.syns.last, this.synAcks.first, third],
      text: `The handshake took ${span(facts.timeOf(third) - syn)}: the server answered after ${span(away)}, the client after ${span(back)}${where}.`,
      confirm: 'A capture at the other end shows the two parts exchanged.',
      values: { seconds: (away + back) / 1e9, server: away / 1e9, client: back / 1e9 },
    });
  }

  private synResent(facts: Facts, book: Notebook): void {
    const { syns, synTimes, synClocks, answeredSyn } = this;
    const delay = facts.timeOf(syns.last) - facts.timeOf(syns.first);
    const known = answeredSyn >= 0 && answeredSyn < syns.count - 1 && synClocks.length === syns.count;
    const trip = (this.trips.shortest('client') ?? 0) + (this.trips.shortest('server') ?? 0);
    // An answer that takes longer than the client's patience is slow; one that could have come sooner was lost.
    const late = known && trip >= (synTimes[answeredSyn + 1]! - synTimes[answeredSyn]!) * NEARLY;
    const lost = known && !late && trip > 0;
    const told = late
      ? `the answer is to number ${answeredSyn + 1} of them (by its timestamp), so none was lost: the way there and back takes ${span(trip)}`
      : lost
        ? `the answer is to number ${answeredSyn + 1} of them (by its timestamp), and the way there and back takes ${span(trip)} only: that SYN arrived, and what was lost, or came late this once, is the SYN,ACK`
        : 'the earlier ones or their answers were lost, or a listener with full queues ignored them';
    book.add({
      kind: 'syn-resent',
      reason: late ? 'late' : lost ? 'answer-lost' : undefined,
      severity: 'warning',
      ambiguous: !late,
      side: lost ? 'server' : 'client',
      rows: [...syns.rows, this.synAcks.first],
      count: syns.count + 1,
      text: `The SYN was sent ${syns.count} times, which cost ${span(delay)}: ${told}.`,
      confirm:
        'A capture at the server: SYNs that arrive and stay unanswered were ignored (`nstat TcpExtListenOverflows TcpExtListenDrops` grow); those that do not arrive were lost.',
      values: { syns: syns.count, seconds: delay / 1e9 },
    });
  }

  private halfOpen(facts: Facts, book: Notebook): void {
    const rows = [this.syns.first, ...this.synAcks.rows];
    if (this.clientReset >= 0) {
      book.add({
        kind: 'half-open',
        reason: 'reset',
        severity: 'note',
        ambiguous: true,
        side: 'client',
        rows: [...rows, this.clientReset],
        text: 'The client answered the SYN,ACK with a RST and never opened the connection: a port scan, a program that gave up meanwhile, or a host that never sent the SYN (its address was forged).',
        confirm: 'Many of these to many ports from one address are a scan.',
      });
      return;
    }
    const silence = facts.now - facts.timeOf(this.synAcks.first);
    if (silence < SILENCE_NANOSECONDS) return;
    if (this.synAcks.count === 1 && silence > REPEATED_NANOSECONDS) {
      book.add({
        kind: 'half-open',
        reason: 'answer-not-captured',
        severity: 'note',
        ambiguous: true,
        side: 'client',
        rows,
        text: `No answer of the client to the SYN,ACK was captured within ${span(silence)}, yet the server did not repeat it: most likely the client answered, and the capture is filtered or one-sided.`,
        confirm: 'The filter of the capture; a capture at the server.',
      });
      return;
    }
    book.add({
      kind: 'half-open',
      reason: 'silent',
      severity: 'warning',
      ambiguous: true,
      side: 'client',
      rows,
      count: this.synAcks.count + 1,
      text: `The client never answered the SYN,ACK (sent ${counted(this.synAcks.count, 'time')} within ${span(silence)}): the SYN,ACK or its ACK is lost on the way, the client is gone, or its address was forged (SYN flood). The server holds it in its SYN queue.`,
      confirm: 'A capture at the client tells whether the SYN,ACK arrives there. `ss -n state syn-recv` on the server shows how many wait.',
      values: { synAcks: this.synAcks.count, seconds: silence / 1e9 },
    });
  }

  /** The client has answered, and the server does not listen. */
  private synAckResent(facts: Facts, book: Notebook): void {
    const lasted = facts.timeOf(this.synAcks.last) - facts.timeOf(this.synAcks.first);
    const rows = [...this.synAcks.rows, ...this.answers.rows.slice(0, 6)];
    const values = { synAcks: this.synAcks.count, unheard: this.unheard, seconds: lasted / 1e9 };
    const end = this.serverSpoke >= 0 ? 'in the end it did' : this.serverReset >= 0 ? 'in the end it answered with a RST' : 'it never did';
    if (this.unheard > 1 && this.dataUnheard) {
      // So many in a row no ordinary path loses.
      const sure = this.unheard >= NEVER_ALL_LOST;
      book.add({
        kind: 'accept-queue-full',
        severity: sure ? 'problem' : 'warning',
        ambiguous: !sure,
        side: 'server',
        rows,
        count: this.synAcks.count + this.unheard,
        text: `The server kept sending its SYN,ACK (${counted(this.synAcks.count, 'time')} over ${span(lasted)}) though ${counted(this.unheard, 'segment')} of the client, data among them, had been captured: ${sure ? 'it drops them because its accept queue is full' : 'its accept queue is full and it drops them, or all of them were lost'}; ${end}. The client believes the connection open all the while.`,
        confirm:
          'On the server `ss -ltn` shows Recv-Q above Send-Q for the listener, and `nstat TcpExtListenOverflows` grows. Were the segments lost instead, a capture at the server would not show them.',
        values,
      });
      return;
    }
    book.add({
      kind: 'syn-ack-resent',
      severity: 'warning',
      ambiguous: true,
      side: 'server',
      rows,
      count: this.synAcks.count + this.unheard,
      text: `The server sent its SYN,ACK ${this.synAcks.count} times over ${span(lasted)} though the client had answered: the ACK was lost on the way, or dropped by a full accept queue, or the listener waits for data (TCP_DEFER_ACCEPT); ${end}.`,
      confirm: 'A capture at the server shows whether the ACK arrives. `nstat TcpExtListenOverflows` grows where the queue is full.',
      values,
    });
  }
}
