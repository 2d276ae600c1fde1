import { type SeqNum, seqAfter, seqBefore } from '../../wire/seq.ts';

/** Segments under way that are remembered of each side; of more, the oldest are let go. */
const MOST = 256;

/** One segment under way. */
export interface Underway {
  seq: SeqNum;
  end: SeqNum;
  /** When it was captured last, and its row. */
  time: number;
  row: number;
  /** How often it was sent again. */
  resent: number;
}

/** What one side has sent and the other has not acknowledged, oldest first. */
export class Flight {
  /** When the latest of all that was acknowledged had been sent. */
  deliveredSentAt = Number.NEGATIVE_INFINITY;
  private segments: Underway[] = [];

  get length(): number {
    return this.segments.length;
  }

  send(seq: SeqNum, end: SeqNum, time: number, row: number): void {
    if (this.segments.length >= MOST) this.segments.shift();
    this.segments.push({ seq, end, time, row, resent: 0 });
  }

  /** The segment that holds this number, if it is remembered. */
  find(seq: SeqNum): Underway | undefined {
    return this.segments.find((one) => !seqAfter(one.seq, seq) && seqBefore(seq, one.end));
  }

  /** Everything from `seq` to `end` was sent again. */
  resend(seq: SeqNum, end: SeqNum, time: number): void {
    for (const one of this.segments) {
      if (!seqBefore(one.seq, end) || !seqAfter(one.end, seq)) continue;
      one.resent++;
      one.time = time;
    }
  }

  /** Takes out what `ack` covers, and gives the newest of it. */
  acknowledge(ack: SeqNum): Underway | undefined {
    let newest: Underway | undefined;
    let covered = 0;
    while (covered < this.segments.length && !seqAfter(this.segments[covered]!.end, ack)) {
      newest = this.segments[covered++]!;
      this.deliveredSentAt = Math.max(this.deliveredSentAt, newest.time);
    }
    if (covered === this.segments.length) this.segments.length = 0;
    else if (covered > 0) this.segments.splice(0, covered);
    return newest;
  }
}
