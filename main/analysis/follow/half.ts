import { type SeqNum, seqAdd, seqAfter, seqBefore, seqDistance } from '../../wire/seq.ts';

/** Octets that wait behind a gap; more, and the gap is taken for a loss. A hostile capture must not fill memory with them. */
const MOST_WAITING = 8 << 20;

interface Waiting {
  readonly seq: SeqNum;
  readonly octets: Uint8Array;
  /** Octets behind those captured, which the snapshot length cut off. */
  readonly cut: number;
  readonly frame: number;
}

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
  #waiting: Waiting[] = [];
  #held = 0;

  constructor(sink: HalfSink) {
    this.#sink = sink;
  }

  /** The number its first octet of payload has. */
  start(seq: SeqNum): void {
    this.#next ??= seq;
  }

  take(seq: SeqNum, octets: Uint8Array, cut: number, frame: number): void {
    this.#next ??= seq;
    if (octets.length + cut === 0) return;
    if (!seqAfter(seq, this.#next)) {
      this.#pass({ seq, octets, cut, frame });
      this.#release();
      return;
    }
    this.#hold({ seq, octets: octets.slice(), cut, frame });
    if (this.#held > MOST_WAITING) this.#skipTo(this.#waiting[0]!.seq, frame);
  }

  /** The peer has everything before `ack`: a gap below it will not be filled. */
  acknowledged(ack: SeqNum, frame: number): void {
    const first = this.#waiting[0];
    while (this.#waiting.length > 0 && this.#waiting[0]!.seq !== this.#next && seqBefore(this.#waiting[0]!.seq, ack))
      this.#skipTo(this.#waiting[0]!.seq, frame);
    if (
      first &&
      this.#waiting.length > 0 &&
      this.#next !== undefined &&
      seqBefore(this.#next, ack) &&
      !seqBefore(this.#waiting[0]!.seq, ack)
    )
      this.#skipTo(ack, frame);
  }

  /** Nothing more comes: what waits is shown behind its gaps. */
  end(): void {
    while (this.#waiting.length > 0) this.#skipTo(this.#waiting[0]!.seq, this.#waiting[0]!.frame);
  }

  #hold(segment: Waiting): void {
    let at = this.#waiting.length;
    while (at > 0 && seqAfter(this.#waiting[at - 1]!.seq, segment.seq)) at--;
    this.#waiting.splice(at, 0, segment);
    this.#held += segment.octets.length;
  }

  /** What of a segment is new; it starts at or before the next octet. */
  #pass({ seq, octets, cut, frame }: Waiting): void {
    const known = seqDistance(seq, this.#next!);
    const fresh = octets.subarray(Math.min(known, octets.length));
    if (fresh.length > 0) this.#sink.octets(fresh, frame);
    const lost = Math.min(cut, octets.length + cut - known);
    if (lost > 0) this.#sink.missing(lost, frame);
    if (octets.length + cut > known) this.#next = seqAdd(seq, octets.length + cut);
  }

  #release(): void {
    while (this.#waiting.length > 0 && !seqAfter(this.#waiting[0]!.seq, this.#next!)) {
      const segment = this.#waiting.shift()!;
      this.#held -= segment.octets.length;
      this.#pass(segment);
    }
  }

  #skipTo(seq: SeqNum, frame: number): void {
    const gap = seqDistance(this.#next!, seq);
    if (gap > 0) this.#sink.missing(gap, frame);
    this.#next = seq;
    this.#release();
  }
}
