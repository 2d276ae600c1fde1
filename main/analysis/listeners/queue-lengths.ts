import type { QueueLength, QueueLengths } from './listener.ts';

/** Points of a history; a chart shows no more. */
const MOST_POINTS = 400;
const NANOSECONDS = 1e9;

/** Who came into a queue and left it, and when, in nanoseconds; what it held follows when asked. */
export class QueueStays {
  private readonly begins: number[] = [];
  private readonly ends: number[] = [];

  /** A stay; `to` is infinite where it goes on. One that ends as it begins holds no place. */
  add(from: number, to: number): void {
    if (!(to > from)) return;
    this.begins.push(from);
    if (to < Number.POSITIVE_INFINITY) this.ends.push(to);
  }

  /** Tells the length at any moment, without who came just then. */
  lengthBefore(): (time: number) => number {
    const begins = Float64Array.from(this.begins).sort();
    const ends = Float64Array.from(this.ends).sort();
    return (time) => countBelow(begins, time, false) - countBelow(ends, time, true);
  }

  lengths(): QueueLengths {
    const begins = Float64Array.from(this.begins).sort();
    const ends = Float64Array.from(this.ends).sort();
    const history = new History(begins, ends);
    let [length, most, mostAt] = [0, 0, 0];
    for (let i = 0, j = 0; i < begins.length || j < ends.length; ) {
      const at = Math.min(begins[i] ?? Number.POSITIVE_INFINITY, ends[j] ?? Number.POSITIVE_INFINITY);
      for (; ends[j] === at; j++) length--; // a place that is left is free for who comes at the same time
      for (; begins[i] === at; i++) length++;
      if (length > most) [most, mostAt] = [length, at];
      history.add(at, length);
    }
    return { now: length, most, mostAt: mostAt / NANOSECONDS, history: history.points };
  }
}

/** How many of the sorted values are smaller than one, or as large where `same` counts. */
function countBelow(sorted: Float64Array, value: number, same: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const below = same ? sorted[middle]! <= value : sorted[middle]! < value;
    if (below) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The changes of a length. Where there are too many, each stretch of time keeps its highest and its last. */
class History {
  readonly points: QueueLength[] = [];
  private readonly start: number;
  /** How long one is; 0 where all changes are kept. */
  private readonly stretch: number;
  private current = -1;
  private highest = -1;

  constructor(begins: Float64Array, ends: Float64Array) {
    this.start = begins[0] ?? 0;
    const end = Math.max(begins.at(-1) ?? 0, ends.at(-1) ?? 0);
    this.stretch = begins.length + ends.length <= MOST_POINTS ? 0 : (end - this.start) / (MOST_POINTS / 2);
  }

  add(time: number, length: number): void {
    const point = { at: time / NANOSECONDS, length };
    const stretch = this.stretch === 0 ? this.points.length : Math.floor((time - this.start) / this.stretch);
    if (stretch !== this.current) {
      this.current = stretch;
      this.highest = this.points.push(point) - 1;
    } else {
      const higher = length >= this.points[this.highest]!.length;
      this.points.length = higher ? this.highest : this.highest + 1;
      this.points.push(point);
    }
  }
}
