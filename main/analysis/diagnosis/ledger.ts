import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAfter, seqBefore, seqDistance } from '../../wire/seq.ts';
import { MARK } from '../marks.ts';
import { Flight } from './flight.ts';
import { has, type Seen } from './seen.ts';

/** Holes of one side's numbers that are remembered. */
const MOST_HOLES = 32;

interface Hole {
  /** When it was first passed over. */
  readonly at: number;
  from: SeqNum;
  to: SeqNum;
}

/** The account of one side: what it sent, what came back for it, and what it offers to take. */
export class Ledger {
  /** It has been heard. */
  known = false;
  /** What follows the highest number it sent. */
  nxt = 0 as SeqNum;
  /** The highest acknowledgement the peer has sent it; `isAcked` once there is one. */
  una = 0 as SeqNum;
  isAcked = false;
  /** The highest acknowledgement it has sent, and the window that came with its last segment. */
  ackSent = 0 as SeqNum;
  hasSentAck = false;
  window = -1;
  /** When it last sent anything; NaN before. */
  sentAt = Number.NaN;
  /** When the peer last acknowledged something new of it. */
  ackedAt = Number.NaN;
  /** Segments in a row from the peer that repeated their acknowledgement, and whether one of them carried SACK blocks. */
  duplicateAcks = 0;
  sackHeard = false;
  /** Payload of its largest segment, and of the last it sent. */
  largest = 0;
  lastLength = 0;
  hasTimestamps = false;
  /** Its first FIN. */
  finRow = -1;
  segments = 0;
  dataSegments = 0;
  /** Segments with data or FIN, which are sent again when they are lost. */
  numbered = 0;
  /** Payload octets, each counted once. */
  octets = 0;
  readonly flight = new Flight();
  private readonly holes: Hole[] = [];

  /** Octets sent and not acknowledged, as captured. */
  get inFlight(): number {
    return this.isAcked ? Math.max(0, seqDistance(this.una, this.nxt)) : 0;
  }

  /** A segment of this side with this number fills a hole, it was not captured before: when others passed it. Else undefined. */
  holeAt(seq: SeqNum): number | undefined {
    return this.holes.find((hole) => !seqBefore(seq, hole.from) && seqBefore(seq, hole.to))?.at;
  }

  /** This side sends. `repeats`: nothing of it is new. */
  send(s: Seen): void {
    this.segments++;
    this.sentAt = s.time;
    this.hasTimestamps = s.hasTimestamps;
    this.window = s.window;
    if (has(s, Flag.ACK) && (!this.hasSentAck || seqAfter(s.ack, this.ackSent))) {
      this.ackSent = s.ack;
      this.hasSentAck = true;
    }
    if (has(s, Flag.RST)) return;
    if (s.length > 0) this.sendData(s);
    if (s.length > 0 || has(s, Flag.FIN)) this.numbered++;
    if (has(s, Flag.FIN) && this.finRow < 0) this.finRow = s.row;
    this.number(s);
  }

  private sendData(s: Seen): void {
    this.dataSegments++;
    this.lastLength = s.length;
    if (s.length > this.largest) this.largest = s.length;
  }

  private number(s: Seen): void {
    if (!this.known) {
      this.known = true;
      this.nxt = s.seq;
    }
    if ((s.marks & MARK['keep-alive']) !== 0) return;
    if (!seqAfter(s.end, this.nxt)) {
      if (s.seq !== s.end) this.again(s);
      return;
    }
    if (seqAfter(s.seq, this.nxt)) this.miss(this.nxt, s.seq, s.time);
    const isNew = seqBefore(s.seq, this.nxt) ? seqDistance(this.nxt, s.end) : seqDistance(s.seq, s.end);
    this.octets += Math.min(isNew, s.length);
    this.flight.send(s.seq, s.end, s.time, s.row);
    this.nxt = s.end;
  }

  private again(s: Seen): void {
    if (this.holeAt(s.seq) !== undefined) {
      this.octets += s.length;
      this.fill(s.seq, s.end);
    } else this.flight.resend(s.seq, s.end, s.time);
  }

  private miss(from: SeqNum, to: SeqNum, at: number): void {
    if (this.holes.length >= MOST_HOLES) this.holes.shift();
    this.holes.push({ from, to, at });
  }

  private fill(seq: SeqNum, end: SeqNum): void {
    for (let i = this.holes.length - 1; i >= 0; i--) {
      const hole = this.holes[i]!;
      if (seqAfter(seq, hole.from) && seqBefore(end, hole.to)) {
        this.miss(end, hole.to, hole.at);
        hole.to = seq;
      } else if (!seqAfter(seq, hole.from) && seqAfter(end, hole.from)) hole.from = end;
      else if (seqBefore(seq, hole.to) && !seqBefore(end, hole.to)) hole.to = seq;
      if (!seqBefore(hole.from, hole.to)) this.holes.splice(i, 1);
    }
  }

  /** The peer sends: what it acknowledges, or says again. Gives the newest segment that it acknowledges for the first time. */
  hear(s: Seen) {
    if (!has(s, Flag.ACK) || has(s, Flag.RST)) return undefined;
    if (s.hasSack && !s.hasDuplicateSack) this.sackHeard = true;
    if (this.isAcked && !seqAfter(s.ack, this.una)) {
      if (s.ack === this.una && s.length === 0 && (s.marks & (MARK['duplicate-ack'] | MARK['window-update'])) !== 0) this.duplicateAcks++;
      return undefined;
    }
    // Nothing beyond what was captured: such an ACK tells of a hole in the capture, or of a stranger.
    if (this.known && seqAfter(s.ack, this.nxt)) return undefined;
    this.una = s.ack;
    this.isAcked = true;
    this.ackedAt = s.time;
    this.duplicateAcks = 0;
    this.sackHeard = s.hasSack && !s.hasDuplicateSack;
    for (let i = this.holes.length - 1; i >= 0; i--) if (!seqAfter(this.holes[i]!.to, s.ack)) this.holes.splice(i, 1);
    return this.flight.acknowledge(s.ack);
  }
}
