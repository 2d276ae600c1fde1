import type { SackBlock } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDistance, seqMax } from '../../wire/seq.ts';
import { Fifo } from '../fifo.ts';

interface Piece {
  readonly seq: SeqNum;
  readonly octets: Uint8Array;
}

/** What Linux charges for a packet beside its octets (SKB_TRUESIZE(0), about). */
const PIECE_OVERHEAD = 576;

const endOf = (piece: Piece): SeqNum => seqAdd(piece.seq, piece.octets.length);

/** What arrived and was not read: octets in order, and pieces beyond a gap. */
export class ReceiveQueue {
  private readonly inOrder = new Fifo<Uint8Array>();
  /** Octets the user can read. */
  length = 0;
  /** Pieces beyond the gap, ascending, never overlapping. */
  private readonly pieces: Piece[] = [];
  outOfOrderLength = 0;
  /** Where the latest out-of-order piece landed: RFC 2018 §4 wants its block first. */
  private latest: SeqNum | undefined;

  append(octets: Uint8Array): void {
    this.inOrder.push(octets);
    this.length += octets.length;
  }

  /** Up to `most` octets, removed from the queue unless `peek`. */
  read(most: number, peek = false): Uint8Array {
    const size = Math.min(most, this.length);
    const first = this.inOrder.at(0);
    if (!peek && first?.length === size) {
      this.length -= size;
      return this.inOrder.shift()!;
    }
    const result = new Uint8Array(size);
    let filled = 0;
    for (let i = 0; filled < size; i += peek ? 1 : 0) {
      const head = this.inOrder.at(i)!;
      const part = head.subarray(0, size - filled);
      result.set(part, filled);
      filled += part.length;
      if (peek) continue;
      this.inOrder.shift();
      if (part.length < head.length) this.inOrder.unshift(head.subarray(part.length));
    }
    if (!peek) this.length -= size;
    return result;
  }

  get isEmpty(): boolean {
    return this.length === 0 && this.pieces.length === 0;
  }

  /** What comes next comes from elsewhere. */
  forgetLatest(): void {
    this.latest = undefined;
  }

  get hasGap(): boolean {
    return this.pieces.length > 0;
  }

  /** Keeps a piece beyond the gap; what is there already wins. Returns how many octets were new. */
  insert(seq: SeqNum, octets: Uint8Array): number {
    this.latest = seq;
    const end = seqAdd(seq, octets.length);
    const first = this.firstBeyond(seq);
    const merged: Piece[] = [];
    let at = seq;
    let added = 0;
    const fill = (until: SeqNum): void => {
      if (!seqBefore(at, until)) return;
      merged.push({ seq: at, octets: octets.subarray(seqDistance(seq, at), seqDistance(seq, until)) });
      added += seqDistance(at, until);
      at = until;
    };
    let next = first;
    for (; next < this.pieces.length && seqBefore(this.pieces[next]!.seq, end); next++) {
      const piece = this.pieces[next]!;
      fill(seqMax(at, piece.seq));
      merged.push(piece);
      at = seqMax(at, endOf(piece));
    }
    fill(end);
    this.pieces.splice(first, next - first, ...merged);
    this.outOfOrderLength += added;
    return added;
  }

  /** Where the first piece stands that ends beyond `seq`; they ascend, so half of them are ruled out at each look. */
  private firstBeyond(seq: SeqNum): number {
    let [low, high] = [0, this.pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqAfter(endOf(this.pieces[middle]!), seq)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Memory that the pieces beyond the gap take, with what each costs beside its octets. */
  get outOfOrderMemory(): number {
    return this.outOfOrderLength + this.pieces.length * PIECE_OVERHEAD;
  }

  /** Moves what `rcvNxt` has reached into order; returns the new next number. */
  drainFrom(rcvNxt: SeqNum): SeqNum {
    let next = rcvNxt;
    let done = 0;
    for (const piece of this.pieces) {
      if (seqAfter(piece.seq, next)) break;
      done++;
      this.outOfOrderLength -= piece.octets.length;
      const end = endOf(piece);
      if (seqAtOrBefore(end, next)) continue; // came again in order meanwhile
      this.append(piece.octets.subarray(seqDistance(piece.seq, next)));
      next = end;
    }
    if (done > 0) this.pieces.splice(0, done);
    return next;
  }

  /** SACK blocks of what lies beyond the gap, the latest arrival's first (RFC 2018 §4). */
  sackBlocks(most: number): SackBlock[] {
    const blocks: SackBlock[] = [];
    for (const piece of this.pieces) {
      const last = blocks.at(-1);
      if (last && last.right === piece.seq) blocks[blocks.length - 1] = { left: last.left, right: endOf(piece) };
      else blocks.push({ left: piece.seq, right: endOf(piece) });
    }
    const { latest } = this;
    if (latest !== undefined) {
      const first = blocks.findIndex((block) => seqAtOrBefore(block.left, latest) && seqBefore(latest, block.right));
      if (first > 0) blocks.unshift(...blocks.splice(first, 1));
    }
    return blocks.slice(0, most);
  }

  /** Right edge of everything received, for the reset check of RFC 5961 §3.2 with SACK. */
  rightEdge(): SeqNum | undefined {
    const last = this.pieces.at(-1);
    return last && endOf(last);
  }
}
