/** One packet seen in both captures: when, by the first clock, and how much later the second clock says. Nanoseconds. */
export interface Delay {
  readonly at: number;
  readonly apart: number;
}

/** How the second clock runs against the first: `apart = offset + drift * at`, the way of the packets aside. */
export interface ClockLine {
  /** Nanoseconds by which the second clock is ahead at time 0 of the first. */
  readonly offset: number;
  /** Seconds that it gains in each second. */
  readonly drift: number;
  /** Shortest way of a packet in either direction, if both are as long: by so much the offset may be wrong. Below 0 by more than `RESOLUTION`: no line fits. */
  readonly margin: number;
  /** The slopes that let no packet arrive before it left. */
  readonly driftRange: readonly [number, number];
  /** The capture is long enough to tell the drift; else 0 is taken. */
  readonly driftKnown: boolean;
}

/** Crystals are good to some tens of millionths; no clock is worse than this. */
const WORST_DRIFT = 2e-3;
/** Within so short a time a queue looks like a drift. */
const SHORT_SECONDS = 10;
/** A range of slopes wider than this, with 0 in it, says nothing. */
const VAGUE_DRIFT = 400e-6;
const STEPS = 80;
/** Captures tell microseconds, each rounded: on a path without length a packet may seem to arrive so much too early. */
export const RESOLUTION = 2e3;

/**
 * Every packet takes time, so a packet of the first end bounds the second clock's lead from above (it arrives later than it
 * left), and one of the second end from below. Of all lines between the two clouds, the one farthest from both is taken (it
 * assumes the shortest ways to be equal); it leaves no effect before its cause. Only the hulls of the clouds matter, so queues
 * and delayed packets do not.
 */
export function fitClock(forth: readonly Delay[], back: readonly Delay[]): ClockLine | undefined {
  if (forth.length === 0 || back.length === 0) return undefined;
  const above = hull(forth, 1);
  const below = hull(back, -1);
  const highest = (drift: number) => Math.min(...above.map(({ at, apart }) => apart - drift * at));
  const lowest = (drift: number) => Math.max(...below.map(({ at, apart }) => apart - drift * at));
  const room = (drift: number) => highest(drift) - lowest(drift) + RESOLUTION;
  const best = summit(room, -WORST_DRIFT, WORST_DRIFT);
  const fits = room(best) >= 0;
  const driftRange: [number, number] = fits ? [edge(room, best, -WORST_DRIFT), edge(room, best, WORST_DRIFT)] : [best, best];
  const seconds = (Math.max(above.at(-1)!.at, below.at(-1)!.at) - Math.min(above[0]!.at, below[0]!.at)) / 1e9;
  const vague = room(0) >= 0 && (seconds < SHORT_SECONDS || driftRange[1] - driftRange[0] > VAGUE_DRIFT);
  const drift = vague ? 0 : best;
  return { offset: (highest(drift) + lowest(drift)) / 2, drift, margin: (room(drift) - RESOLUTION) / 2, driftRange, driftKnown: !vague };
}

/** The lower hull of a cloud (`sign` 1), or the upper (-1). */
function hull(cloud: readonly Delay[], sign: 1 | -1): Delay[] {
  const sorted = [...cloud].sort((a, b) => a.at - b.at || sign * (a.apart - b.apart));
  const kept: Delay[] = [];
  for (const point of sorted) {
    while (kept.length >= 2 && sign * turn(kept.at(-2)!, kept.at(-1)!, point) <= 0) kept.pop();
    kept.push(point);
  }
  return kept;
}

const turn = (o: Delay, a: Delay, b: Delay): number => (a.at - o.at) * (b.apart - o.apart) - (a.apart - o.apart) * (b.at - o.at);

/** Where a concave function is highest. */
function summit(of: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let i = 0; i < STEPS; i++) {
    const a = low + (high - low) / 3;
    const b = high - (high - low) / 3;
    if (of(a) < of(b)) low = a;
    else high = b;
  }
  return (low + high) / 2;
}

/** How far from `inside` towards `outside` it stays at or above 0. */
function edge(of: (x: number) => number, inside: number, outside: number): number {
  if (of(outside) >= 0) return outside;
  let [good, bad] = [inside, outside];
  for (let i = 0; i < STEPS; i++) {
    const middle = (good + bad) / 2;
    if (of(middle) >= 0) good = middle;
    else bad = middle;
  }
  return good;
}
