import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDistance } from '../../wire/seq.ts';
import type { Nanos } from '../../wire/units.ts';
import { Fifo } from '../fifo.ts';

/** A segment sent and not yet acknowledged as a whole. Its marks are changed by the scoreboard only. */
export class SentSegment {
  seq: SeqNum;
  /** The number after its last octet, FIN and SYN included. */
  end: SeqNum;
  payload: Uint8Array;
  /** SYN, FIN and PSH as sent. */
  flags: number;
  /** Last transmission. */
  sentAt = 0 as Nanos;
  /** Its place among all transmissions of the connection: it tells apart what left at the same instant. */
  order = 0;
  transmissions = 0;
  /** Reported by the peer as arrived out of order (RFC 2018). */
  sacked = false;
  /** Taken for lost. */
  lost = false;
  /** Sent again since it was taken for lost, and that copy may still be under way. */
  resent = false;
  /** Neighbours in the order of transmission. */
  earlier: SentSegment | undefined = undefined;
  later: SentSegment | undefined = undefined;

  constructor(seq: SeqNum, end: SeqNum, payload: Uint8Array, flags: number) {
    this.seq = seq;
    this.end = end;
    this.payload = payload;
    this.flags = flags;
  }
}

/**
 * What became of each segment under way (RFC 6675 §3, with Linux's counts: packets_out, sacked_out, lost_out,
 * retrans_out). The counts are kept with every mark, so that nobody has to walk the queue to know how much is in flight.
 */
export class Scoreboard {
  private readonly segments = new Fifo<SentSegment>();
  /** How many have left at the head: place n of the connection's life is now at index n - gone. */
  private gone = 0;
  /** No segment before this place waits to be sent again. */
  private lostFrom = 0;
  private transmissions = 0;
  private first: SentSegment | undefined;
  private last: SentSegment | undefined;
  /** Without SACK: duplicate ACKs, each of which says that some segment has left the network. */
  sackedOut = 0;
  lostOut = 0;
  resentOut = 0;
  /** End of the highest segment reported by SACK; meaningful while `sackedOut` is not 0. */
  highestSacked: SeqNum | undefined;

  get length(): number {
    return this.segments.length;
  }

  get head(): SentSegment | undefined {
    return this.segments.at(0);
  }

  get tail(): SentSegment | undefined {
    return this.segments.at(this.segments.length - 1);
  }

  at(index: number): SentSegment | undefined {
    return this.segments.at(index);
  }

  /** Segments that may be under way (RFC 6675 §4 "pipe"): not known to have arrived, not taken for lost, or sent again. */
  get inFlight(): number {
    return this.segments.length - this.sackedOut - this.lostOut + this.resentOut;
  }

  /** Segments that are not in flight although nobody has acknowledged them. */
  get leftOut(): number {
    return this.sackedOut + this.lostOut;
  }

  [Symbol.iterator](): Iterator<SentSegment> {
    return this.segments[Symbol.iterator]();
  }

  add(segment: SentSegment): void {
    this.segments.push(segment);
  }

  /** It goes out as another segment, which is no retransmission. */
  turnInto(segment: SentSegment, flags: number): void {
    segment.flags = flags;
    segment.transmissions = 0;
  }

  /** A copy leaves now: it is the latest in the order of transmission. */
  sent(segment: SentSegment, now: Nanos): void {
    segment.transmissions++;
    segment.sentAt = now;
    segment.order = ++this.transmissions;
    this.unlist(segment);
    segment.earlier = this.last;
    if (this.last) this.last.later = segment;
    else this.first = segment;
    this.last = segment;
  }

  /** The copy that leaves replaces one that was lost. */
  resent(segment: SentSegment): void {
    if (segment.resent) return;
    segment.resent = true;
    this.resentOut++;
  }

  /** The latest transmission whose fate is open. */
  get latestSent(): SentSegment | undefined {
    return this.last;
  }

  /** The earliest transmission whose fate is open; go on with `later`. */
  get earliestSent(): SentSegment | undefined {
    return this.first;
  }

  /** Takes the head out, acknowledged. */
  shift(): void {
    const head = this.segments.shift();
    if (!head) return;
    this.gone++;
    this.unlist(head);
    if (head.sacked) this.sackedOut--;
    if (head.lost) this.lostOut--;
    if (head.resent) this.resentOut--;
  }

  sack(segment: SentSegment): void {
    if (segment.resent) this.resentOut--;
    if (segment.lost) this.lostOut--;
    segment.resent = false;
    segment.lost = false;
    segment.sacked = true;
    this.unlist(segment);
    if (this.sackedOut++ === 0 || seqAfter(segment.end, this.highestSacked!)) this.highestSacked = segment.end;
  }

  /** Marks a segment as lost; true when it was its retransmission that got lost. */
  lose(segment: SentSegment): boolean {
    if (segment.sacked) return false;
    this.unlist(segment);
    this.lostFrom = Math.min(this.lostFrom, this.placeOf(segment));
    if (!segment.lost) {
      segment.lost = true;
      this.lostOut++;
      return false;
    }
    if (!segment.resent) return false;
    segment.resent = false;
    this.resentOut--;
    return true;
  }

  /** Nothing was lost after all: the marks are taken back. Copies sent again stay counted. */
  forgetLosses(): void {
    for (const segment of this.segments) segment.lost = false;
    this.lostOut = 0;
  }

  /** The peer dropped what it had reported (RFC 2018 §8 allows it): nothing is known to have arrived. */
  forgetSacks(): void {
    for (const segment of this.segments) segment.sacked = false;
    this.sackedOut = 0;
  }

  /** The next segment to send again, or undefined. */
  nextLost(): SentSegment | undefined {
    if (this.resentOut >= this.lostOut) return undefined;
    for (let i = Math.max(0, this.lostFrom - this.gone); i < this.segments.length; i++) {
      const segment = this.segments.at(i)!;
      if (!segment.lost || segment.resent) continue;
      this.lostFrom = this.gone + i;
      return segment;
    }
    return undefined;
  }

  /** Index of the first segment that begins at or after `seq`. */
  indexFrom(seq: SeqNum): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqBefore(this.segments.at(middle)!.seq, seq)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The rest of a segment whose beginning is acknowledged. */
  trimHead(sndUna: SeqNum): void {
    const { head } = this;
    if (!head || !seqAfter(sndUna, head.seq)) return;
    head.payload = head.payload.subarray(seqDistance(head.seq, sndUna));
    head.seq = sndUna;
  }

  /** Parts a segment behind its first `octets`; the rest, with FIN and PSH, has the same history. */
  split(segment: SentSegment, octets: number): void {
    const rest = new SentSegment(seqAdd(segment.seq, octets), segment.end, segment.payload.subarray(octets), segment.flags);
    const { sentAt, order, transmissions, sacked, lost, resent, later } = segment;
    Object.assign(rest, { sentAt, order, transmissions, sacked, lost, resent });
    this.segments.insert(this.indexFrom(segment.seq) + 1, rest);
    segment.end = rest.seq;
    segment.payload = segment.payload.subarray(0, octets);
    segment.flags &= ~(Flag.FIN | Flag.PSH);
    if (sacked) this.sackedOut++;
    if (lost) this.lostOut++;
    if (resent) this.resentOut++;
    if (later === undefined && this.last !== segment) return; // its fate is known: it is in no list
    rest.earlier = segment;
    rest.later = later;
    segment.later = rest;
    if (later) later.earlier = rest;
    else this.last = rest;
  }

  /** Is the head acknowledged as a whole? */
  headIsDone(sndUna: SeqNum): boolean {
    const { head } = this;
    return head !== undefined && seqAtOrBefore(head.end, sndUna);
  }

  /** Has anything that is still under way been sent more than once? */
  get holdsRetransmission(): boolean {
    return this.resentOut > 0 || (this.head?.transmissions ?? 0) > 1;
  }

  clear(): void {
    this.segments.clear();
    this.first = undefined;
    this.last = undefined;
    this.forgetCounts();
  }

  /** Nothing is under way: what was known of it has no meaning any more. */
  forgetCounts(): void {
    this.highestSacked = undefined;
    this.sackedOut = 0;
    this.lostOut = 0;
    this.resentOut = 0;
  }

  private placeOf(segment: SentSegment): number {
    return this.gone + this.indexFrom(segment.seq);
  }

  private unlist(segment: SentSegment): void {
    const { earlier, later } = segment;
    if (earlier) earlier.later = later;
    else if (this.first === segment) this.first = later;
    if (later) later.earlier = earlier;
    else if (this.last === segment) this.last = earlier;
    segment.earlier = undefined;
    segment.later = undefined;
  }
}
