import type { FrameBatch } from '../../wire/frame-batch.ts';
import { emptyLocated, locateTcp } from '../../wire/locate.ts';
import type { NumberList } from '../numbers.ts';
import { type Reassembled, Reassembly } from './reassembly.ts';

/**
 * Puts fragments together once more for whoever reads a capture again that the analysis has read. It looks at nothing but the frames
 * that the analysis took for fragments, and finds in them what it found.
 */
export class Rereading {
  /** Where the segment of a reassembled frame lies; until the next one is read. */
  readonly located = emptyLocated();
  readonly #frames: NumberList;
  readonly #reassembly = new Reassembly();
  #taken = 0;

  /** `frames`: the numbers of those that the analysis kept or put together. */
  constructor(frames: NumberList) {
    this.#frames = frames;
  }

  /** Frame `i` of a batch has this number; each in its turn. 'piece': it completes nothing. Undefined: it is no fragment. */
  read(batch: FrameBatch, i: number, frame: number): Reassembled | 'piece' | undefined {
    if (this.#frames.at(this.#taken) !== frame) return undefined;
    this.#taken++;
    const { located } = this;
    locateTcp(batch.data, batch.offset[i]!, batch.capturedLength[i]!, batch.linkType[i]!, located, batch.originalLength[i]!);
    return this.#reassembly.take(batch, i, frame, located) ?? 'piece';
  }

  /** Reads the fragments among `count` frames of a batch, of which the first has this number. */
  passOver(batch: FrameBatch, count: number, firstFrame: number): void {
    for (let frame = this.#frames.at(this.#taken); frame >= firstFrame && frame < firstFrame + count; frame = this.#frames.at(this.#taken))
      this.read(batch, frame - firstFrame, frame);
  }
}
