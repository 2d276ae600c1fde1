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
  /** Where those end that were captured. */
  readonly captured: number;
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
 * Wireshark. The snapshot length may have cut the fragments: what is missing of their octets then ends what was captured of the datagram.
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
   * read, and `located` then lies in its data; undefined where a piece is still missing.
   */
  take(batch: FrameBatch, i: number, frame: number, located: Located): Reassembled | undefined {
    const alone = this.#alone;
    const start = batch.offset[i]!;
    const time = batch.seconds[i]! + batch.nanoseconds[i]! / 1e9;
    const wholes: Whole[] = [];
    let verdict: Verdict = 'not-tcp';
    let data = batch.data;
    let end = start + batch.capturedLength[i]!;
    let wireEnd = Math.max(end, start + batch.originalLength[i]!);
    this.frames.push(frame);
    do {
      const fragment = this.#fragment;
      readFragment(data, located, end, wireEnd, fragment);
      const datagram = this.#table.take(data, located, fragment, time, frame);
      if (!datagram) return undefined;
      located.ipHeaderLength = fragment.at - located.ip;
      if (wholes.length === 0) {
        alone.take(batch, i);
        located.ip -= start;
      }
      const { protocol, frames, octets, length } = datagram;
      const at = alone.end;
      end = alone.append(octets);
      wireEnd = at + length;
      data = alone.data;
      wholes.push({ ipVersion: located.ipVersion, protocol, at, end: wireEnd, captured: end, frames });
      verdict = locateInDatagram(protocol, data, at, wireEnd, end, located);
    } while (located.fragment);
    return { batch: alone, verdict, wholes };
  }
}
