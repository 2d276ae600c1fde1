import { emptyFragment, readFragment } from '../../wire/fragment.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { type Located, locateInDatagram, type Verdict } from '../../wire/locate.ts';
import { NumberList } from '../numbers.ts';
import { FragmentTable } from './fragment-table.ts';

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
  /** The frame alone, all as it was captured; only `data` goes on behind its octets. */
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

  /** Octets allocated, roughly. */
  get memory(): number {
    return this.#table.memory + this.frames.memory;
  }

  /**
   * Takes frame `i` of a batch, number `frame` of the capture, which `located` tells to be a fragment. Gives the frame as it is to be
   * read, and `located` then lies in its data; 'kept' where a piece is still missing, 'cut' where the frame does not hold all of the fragment.
   */
  take(batch: FrameBatch, i: number, frame: number, located: Located): Reassembled | 'kept' | 'cut' {
    const start = batch.offset[i]!;
    const time = batch.seconds[i]! + batch.nanoseconds[i]! / 1e9;
    let data = batch.data.subarray(start, start + batch.capturedLength[i]!);
    let verdict: Verdict = 'not-tcp';
    const wholes: Whole[] = [];
    located.ip -= start;
    do {
      const fragment = this.#fragment;
      readFragment(data, located, fragment);
      const { at, length } = fragment;
      if (length <= 0 || at + length > data.length) {
        if (wholes.length > 0) break;
        located.ip += start;
        return 'cut';
      }
      if (wholes.length === 0) this.frames.push(frame);
      const datagram = this.#table.take(data, located, fragment, time, frame);
      if (!datagram) return 'kept';
      const { protocol, frames, octets } = datagram;
      const end = data.length + octets.length;
      wholes.push({ ipVersion: located.ipVersion, protocol, at: data.length, end, frames });
      data = behind(data, octets);
      located.ipHeaderLength = at - located.ip;
      verdict = locateInDatagram(protocol, data, end - octets.length, end, located);
    } while (located.fragment);
    return { batch: frameAlone(batch, i, data), verdict, wholes };
  }
}

function behind(data: Uint8Array, octets: Uint8Array): Uint8Array {
  const both = new Uint8Array(data.length + octets.length);
  both.set(data);
  both.set(octets, data.length);
  return both;
}

const frameAlone = (batch: FrameBatch, i: number, data: Uint8Array): FrameBatch => ({
  count: 1,
  data,
  offset: Uint32Array.of(0),
  capturedLength: batch.capturedLength.slice(i, i + 1),
  originalLength: batch.originalLength.slice(i, i + 1),
  seconds: batch.seconds.slice(i, i + 1),
  nanoseconds: batch.nanoseconds.slice(i, i + 1),
  linkType: batch.linkType.slice(i, i + 1),
  interfaceId: batch.interfaceId.slice(i, i + 1),
  position: batch.position.slice(i, i + 1),
});
