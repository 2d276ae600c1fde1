import type { Side } from '../record.ts';
import { RESOLUTION } from './clock-fit.ts';
import type { Fate, Moment } from './fate.ts';

/** One segment at one place: as it left its sender, or as it came to its receiver. */
export interface PlacedMoment {
  readonly fate: Fate;
  /** The end that the capture which saw it here is nearer to. */
  readonly place: Side;
  readonly frame: number;
  /** Nanoseconds since the first frame of the first capture, by its clock. */
  readonly at: number;
  /** The row of the same segment at the other place, where it was seen there. */
  readonly partner: number | undefined;
  /** The latest frame of each place up to here; 0 before its first. */
  readonly passed: Readonly<Record<Side, number>>;
}

const NONE = -1;
/** Segments under way that are told of at once. */
const MOST_ARROWS = 2000;

interface Waiting {
  readonly fate: number;
  readonly moment: Moment;
  readonly departs: boolean;
}

/**
 * What both places saw of a connection, a row for each segment at each place, on one clock. Each place keeps the order of its capture, and
 * nothing arrives before it left, so that no effect comes before its cause though clocks are told to the microsecond only.
 */
export class Moments {
  readonly count: number;
  readonly #fates: readonly Fate[];
  /** By row: twice the number of its segment, one more where it arrives. */
  readonly #what: Uint32Array;
  readonly #at: Float64Array;
  readonly #passed: Readonly<Record<Side, Uint32Array>>;
  /** By segment, the row where it leaves, and where it arrives. */
  readonly #leaves: Int32Array;
  readonly #arrives: Int32Array;
  /** By the end that it leaves, the segment of each frame there. */
  readonly #departures = { client: new Map<number, number>(), server: new Map<number, number>() };
  /** The row where each segment or piece of it leaves, and where it comes; in order of the upper of the two. */
  readonly #ways: readonly (readonly [leaves: number, arrives: number])[];
  /** The lowest row that one of those up to here touches. */
  readonly #reach: Uint32Array;

  constructor(fates: readonly Fate[]) {
    this.#fates = fates;
    this.#leaves = new Int32Array(fates.length).fill(NONE);
    this.#arrives = new Int32Array(fates.length).fill(NONE);
    const lines = { client: seenAt('client', fates), server: seenAt('server', fates) };
    this.count = lines.client.length + lines.server.length;
    this.#what = new Uint32Array(this.count);
    this.#at = new Float64Array(this.count);
    this.#passed = { client: new Uint32Array(this.count), server: new Uint32Array(this.count) };
    fates.forEach(({ from, sent }, fate) => {
      if (sent) this.#departures[from].set(sent.frame, fate);
    });
    this.#merge(lines);
    this.#ways = fates.flatMap((fate, i) => this.#waysOf(fate, i)).sort((a, b) => Math.min(...a) - Math.min(...b));
    let lowest = 0;
    this.#reach = Uint32Array.from(this.#ways, ([leaves, arrives]) => {
      lowest = Math.max(lowest, leaves, arrives);
      return lowest;
    });
  }

  /** A segment that came in pieces, or as a piece of a larger one, has several. */
  #waysOf({ from, sent, arrived, leftAs = [] }: Fate, fate: number): [leaves: number, arrives: number][] {
    if (!arrived) return [];
    // A filter may have let a piece pass and not what it was cut from.
    const left = sent ? [fate] : leftAs.flatMap((frame) => this.#departures[from].get(frame) ?? []);
    return left.map((one) => [this.#leaves[one]!, this.#arrives[fate]!]);
  }

  #merge(lines: Readonly<Record<Side, readonly Waiting[]>>): void {
    const next = { client: 0, server: 0 };
    const passed = { client: 0, server: 0 };
    let latest = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < this.count; row++) {
      const side = this.#earlier(lines.client[next.client], lines.server[next.server]);
      const { fate, moment, departs } = lines[side][next[side]++]!;
      const at = moment.at < latest && latest - moment.at <= RESOLUTION ? latest : moment.at;
      latest = Math.max(latest, at);
      passed[side] = moment.frame;
      this.#what[row] = 2 * fate + (departs ? 0 : 1);
      this.#at[row] = at;
      this.#passed.client[row] = passed.client;
      this.#passed.server[row] = passed.server;
      (departs ? this.#leaves : this.#arrives)[fate] = row;
    }
  }

  /** Whose turn it is: the earlier one's, unless it arrives and has not left yet. Clocks that contradict themselves may leave no other. */
  #earlier(client: Waiting | undefined, server: Waiting | undefined): Side {
    if (!client || !server) return client ? 'client' : 'server';
    const first: Side = client.moment.at <= server.moment.at ? 'client' : 'server';
    const [sooner, later] = first === 'client' ? [client, server] : [server, client];
    return this.#isReady(sooner) || !this.#isReady(later) ? first : first === 'client' ? 'server' : 'client';
  }

  #isReady({ fate, departs }: Waiting): boolean {
    if (departs) return true;
    const { from, sent, leftAs = [] } = this.#fates[fate]!;
    if (sent) return this.#leaves[fate] !== NONE;
    return leftAs.every((frame) => this.#leaves[this.#departures[from].get(frame) ?? NONE] !== NONE);
  }

  row(row: number): PlacedMoment {
    const what = this.#what[row]!;
    const departs = (what & 1) === 0;
    const fate = this.#fates[what >>> 1]!;
    const partner = (departs ? this.#arrives : this.#leaves)[what >>> 1]!;
    return {
      fate,
      place: departs ? fate.from : otherSide(fate.from),
      frame: (departs ? fate.sent : fate.arrived)!.frame,
      at: this.#at[row]!,
      partner: partner === NONE ? undefined : partner,
      passed: { client: this.#passed.client[row]!, server: this.#passed.server[row]! },
    };
  }

  /** What is under way somewhere in these rows: where it leaves, and where it comes. */
  arrows(from: number, end: number): (readonly [leaves: number, arrives: number])[] {
    let [low, high] = [0, this.#ways.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#reach[middle]! < from) low = middle + 1;
      else high = middle;
    }
    const found: (readonly [number, number])[] = [];
    for (let i = low; i < this.#ways.length && found.length < MOST_ARROWS; i++) {
      const way = this.#ways[i]!;
      if (Math.min(...way) >= end) break;
      if (Math.max(...way) >= from) found.push(way);
    }
    return found;
  }
}

const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** What the capture nearer to that end saw, in its order. */
function seenAt(place: Side, fates: readonly Fate[]): Waiting[] {
  const seen: Waiting[] = [];
  fates.forEach(({ from, sent, arrived }, fate) => {
    const departs = from === place;
    const moment = departs ? sent : arrived;
    if (moment) seen.push({ fate, moment, departs });
  });
  return seen.sort((a, b) => a.moment.frame - b.moment.frame);
}
