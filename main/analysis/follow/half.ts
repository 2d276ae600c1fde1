import { type SeqNum, seqAdd, seqAfter, seqBefore, seqDistance } from '../../wire/seq.ts';

/** Octets, and segments, that wait behind a gap; more, and the gap is taken for a loss. A hostile capture must not fill memory or time with them. */
const MOST_WAITING = 8 << 20;
const MOST_SEGMENTS = 1 << 14;

interface Waiting {
  readonly seq: SeqNum;
  readonly octets: Uint8Array;
  /** Octets behind those captured, which the snapshot length cut off. */
  readonly cut: number;
  readonly frame: number;
}

const GONE: Waiting = { seq: 0 as SeqNum, octets: new Uint8Array(0), cut: 0, frame: 0 };

/** What one side's payload comes to, in order: octets, or how many are missing. */
export interface HalfSink {
  octets(octets: Uint8Array, frame: number): void;
  missing(count: number, frame: number): void;
}

/**
 * Puts one side's payload in order (RFC 9293 §3.10.7.4): what was sent twice comes once, what came early waits, and what the peer
 * acknowledges though it was never captured is missing.
 */
export class Half {
  readonly #sink: HalfSink;
  #next: SeqNum | undefined;
  /** In order; those before `#head` came to their turn. */
  readonly #waiting: Waiting[] = [];
  #head = 0;
  #held = 0;
  /** The number of its FIN. */
  #fin: SeqNum | undefined;
  /** Everything before the FIN came. */
  #isOver = false;

  constructor(sink: HalfSink) {
    this.#sink = sink;
  }

  /** The number its first octet of payload has. */
  start(seq: SeqNum): void {
    this.#next ??= seq;
  }

  take(seq: SeqNum, octets: Uint8Array, cut: number, frame: number): void {
    this.#next ??= seq;
    if (octets.length + cut === 0 || this.#isOver) return;
    if (!seqAfter(seq, this.#next)) {
      this.#pass({ seq, octets, cut, frame });
      this.#release();
      return;
    }
    this.#hold({ seq, octets: octets.slice(), cut, frame });
    if (this.#held > MOST_WAITING || this.#waiting.length - this.#head > MOST_SEGMENTS) this.#skipTo(this.#first!.seq, frame);
  }

  /** Its FIN has this number: what comes beyond is no part of the stream, once everything before has come. */
  finish(seq: SeqNum): void {
    this.#fin = seq;
    this.#release();
  }

  /** The peer has everything before `ack`: a gap below it will not be filled. */
  acknowledged(ack: SeqNum, frame: number): void {
    const waited = this.#first !== undefined;
    for (let first = this.#first; first && first.seq !== this.#next && seqBefore(first.seq, ack); first = this.#first)
      this.#skipTo(first.seq, frame);
    const first = this.#first;
    if (waited && first && this.#next !== undefined && seqBefore(this.#next, ack) && !seqBefore(first.seq, ack)) this.#skipTo(ack, frame);
  }

  /** Nothing more comes: what waits is shown behind its gaps. */
  end(): void {
    for (let first = this.#first; first; first = this.#first) this.#skipTo(first.seq, first.frame);
  }

  get #first(): Waiting | undefined {
    return this.#waiting[this.#head];
  }

  #hold(segment: Waiting): void {
    let low = this.#head;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seqAfter(this.#waiting[middle]!.seq, segment.seq)) high = middle;
      else low = middle + 1;
    }
    this.#waiting.splice(low, 0, segment);
    this.#held += segment.octets.length;
  }

  /** What of a segment is new; it starts at or before the next octet. */
  #pass({ seq, octets, cut, frame }: Waiting): void {
    const known = seqDistance(seq, this.#next!);
    const fresh = octets.subarray(Math.min(known, octets.length), this.#untilFin(seq, octets.length));
    if (fresh.length > 0) this.#sink.octets(fresh, frame);
    const size = this.#untilFin(seq, octets.length + cut);
    const lost = Math.min(cut, size - Math.max(known, octets.length));
    if (lost > 0) this.#sink.missing(lost, frame);
    if (size > known) this.#next = seqAdd(seq, size);
  }

  /** How many of so many octets from `seq` on lie before the FIN. */
  #untilFin(seq: SeqNum, count: number): number {
    const fin = this.#fin;
    return fin !== undefined && !seqBefore(fin, this.#next!) && seqBefore(fin, seqAdd(seq, count)) ? seqDistance(seq, fin) : count;
  }

  #release(): void {
    for (let first = this.#first; first && !seqAfter(first.seq, this.#next!); first = this.#first) {
      this.#waiting[this.#head++] = GONE;
      this.#held -= first.octets.length;
      this.#pass(first);
    }
    this.#isOver ||= this.#fin !== undefined && this.#fin === this.#next;
    if (this.#isOver) this.#head = this.#waiting.length;
    this.#tidy();
  }

  /** Closes up what waits; not each time, since that moves all of it. */
  #tidy(): void {
    if (this.#head * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }

  #skipTo(seq: SeqNum, frame: number): void {
    const gap = seqDistance(this.#next!, seq);
    if (gap > 0) this.#sink.missing(gap, frame);
    this.#next = seq;
    this.#release();
  }
}
