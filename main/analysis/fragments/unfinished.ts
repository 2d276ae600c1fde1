import { IpProtocol } from '../../wire/ip-protocol.ts';
import type { Datagram } from './datagram.ts';

/** Of many datagrams the first few are named. */
const NAMED = 8;

/** Datagrams that were never whole. */
export class Unfinished {
  count = 0;
  /** Those of which nothing came but the beginning. */
  heads = 0;
  /** For the first few, the frame that brought the first fragment. */
  readonly frames: number[] = [];
  /** Capture times of the earliest and the latest one, in seconds. */
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;

  add({ since, frames, isHead }: Datagram): void {
    this.count++;
    if (isHead) this.heads++;
    if (this.frames.length < NAMED && frames[0] !== undefined) this.frames.push(frames[0]);
    this.from = Math.min(this.from, since);
    this.to = Math.max(this.to, since);
  }

  copy(): Unfinished {
    const copy = new Unfinished();
    Object.assign(copy, { ...this, frames: [...this.frames] });
    return copy;
  }
}

/** TCP segments in fragments that were never put together: a piece is missing, or pieces contradict each other. */
export class UnfinishedSegments {
  missing = new Unfinished();
  contradicting = new Unfinished();

  add(datagram: Datagram): void {
    if (datagram.isWhole || datagram.protocol !== IpProtocol.TCP) return;
    (datagram.isGivenUp ? this.contradicting : this.missing).add(datagram);
  }

  copy(): UnfinishedSegments {
    const copy = new UnfinishedSegments();
    copy.missing = this.missing.copy();
    copy.contradicting = this.contradicting.copy();
    return copy;
  }
}
