import { emptyFragment, readFragment } from '../../wire/fragment.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { type Located, locateInDatagram, type Verdict } from '../../wire/locate.ts';
import { NumberList } from '../numbers.ts';
import { FragmentTable } from './fragment-table.ts';
import { FrameAlone } from './frame-alone.ts';
import type { UnfinishedSegments } from './unfinished.ts';

/** A datagram that a frame completed. */
export interface Whole {
  readonly ipVersion: number;
  /** What it carries: IPv4 protocol, or IPv6 next header. */
  readonly protocol: number;
  /** Its octets lie here in the batch's data, behind those of the frame. */
  readonly at: number;
  readonly end: number;
  /** The frames that brought its fragments, in the order they came; those that came twice too. */
  readonly frames: readonly number[];
}

/** A frame with the datagrams that it completed. */
export interface Reassembled {
  /** The frame alone, all as it was captured, but that `data` goes on behind its octets. Valid until the next fragment is taken. */
  readonly batch: FrameBatch;
  readonly verdict: Verdict;
  /** The outermost first: what came in fragments may be a fragment of something in a tunnel. */
  readonly wholes: readonly Whole[];
}

/**
 * Puts IP datagrams together that came in fragments. What they carry is read with the frame that brought the last piece, as with
 * Wireshark. A fragment that the snapshot length cut off is left out, as there.
 */
export class Reassembly {
  /** Numbers of the frames it took, in order: who reads the capture again need put only those to a reassembly of its own. */
  readonly frames = new NumberList();
  readonly #table = new FragmentTable();
  readonly #fragment = emptyFragment();
  readonly #alone = new FrameAlone();

  /** Octets allocated, roughly. */
  get memory(): number {
    return this.#table.memory + this.frames.memory;
  }

  /** TCP segments that were never whole, and at `time` (seconds) will hardly be. */
  unfinished(time: number): UnfinishedSegments {
    return this.#table.unfinished(time);
  }

  /**
   * Takes frame `i` of a batch, number `frame` of the capture, which `located` tells to be a fragment. Gives the frame as it is to be
   * read, and `located` then lies in its data; 'kept' where a piece is still missing, 'cut' where the frame does not hold all of the fragment.
   */
  take(batch: FrameBatch, i: number, frame: number, located: Located): Reassembled | 'kept' | 'cut' {
    const fragment = this.#fragment;
    const alone = this.#alone;
    const time = batch.seconds[i]! + batch.nanoseconds[i]! / 1e9;
    const wholes: Whole[] = [];
    let verdict: Verdict = 'not-tcp';
    let data = batch.data;
    let end = batch.offset[i]! + batch.capturedLength[i]!;
    do {
      readFragment(data, located, fragment);
      const { at, length } = fragment;
      const isCut = length <= 0 || at + length > end;
      if (isCut && wholes.length === 0) return 'cut';
      if (isCut) break;
      if (wholes.length === 0) this.frames.push(frame);
      const datagram = this.#table.take(data, located, fragment, time, frame);
      if (!datagram) return 'kept';
      located.ipHeaderLength = at - located.ip;
      if (wholes.length === 0) {
        alone.take(batch, i);
        located.ip -= batch.offset[i]!;
      }
      const { protocol, frames, octets } = datagram;
      const from = alone.end;
      end = alone.append(octets);
      data = alone.data;
      wholes.push({ ipVersion: located.ipVersion, protocol, at: from, end, frames });
      verdict = locateInDatagram(protocol, data, from, end, located);
    } while (located.fragment);
    return { batch: alone, verdict, wholes };
  }
}
