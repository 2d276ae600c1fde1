import { type ClockLine, type Delay, fitClock } from './clock-fit.ts';
import { type Direction, type Fate, judgeDirection, type Way } from './fate.ts';
import { type Match, matchConnections } from './matching.ts';
import { type Paired, pairSegments } from './pairing.ts';
import type { Captured, Sight } from './trace.ts';

/** One connection in both captures. */
export interface AlignedConnection {
  /** Its number in each capture. */
  readonly a: number;
  readonly b: number;
  /** The second capture takes its client for the server. Directions are named as the first has them. */
  readonly turned: boolean;
  /** Segments found in both. */
  readonly pairs: number;
  /** By the side that sends. */
  readonly directions: { readonly client: Direction; readonly server: Direction };
}

/** Two captures of the same connections, one at each end or anywhere between. */
export interface Alignment {
  /** Which capture lies nearer to the clients. */
  readonly nearClient: 'a' | 'b';
  /** The second capture's clock against the first's; undefined where packets of one direction alone are in both. */
  readonly clock: ClockLine | undefined;
  /** The connections in both, each judged when it is asked for: that costs its segments. */
  readonly matches: readonly Match[];
  judge(match: Match): AlignedConnection;
  /** Every segment of a connection with its two moments, on the clock of the first capture, in the order in which they were sent. */
  fates(match: Match): Fate[];
}

/** Seconds by which the second capture's clock is ahead when the first begins. */
export function lead(a: Captured, b: Captured, { offset }: ClockLine): number {
  const [from, to] = [a.start!, b.start!];
  return to.seconds - from.seconds + (to.nanoseconds - from.nanoseconds + offset) / 1e9;
}

/** So many connections are enough for the clocks; the rest of a large capture adds nothing. */
const MOST_FOR_CLOCK = 2000;

/** Aligns two captures. `undefined` when they have no connection, or no segment, in common. */
export function alignCaptures(a: Captured, b: Captured): Alignment | undefined {
  const matches = matchConnections(a, b);
  const forth: Delay[] = [];
  const back: Delay[] = [];
  const pairedOf = latest((match: Match): Paired => {
    const ofB = b.sights(match.b);
    return pairSegments(a.sights(match.a), match.turned ? ofB.map(fromOtherSide) : ofB);
  });
  for (const match of matches.slice(0, MOST_FOR_CLOCK))
    for (const { a: first, b: second } of pairedOf(match).pairs)
      (first.from === 'client' ? forth : back).push({ at: first.time, apart: second.time - first.time });
  if (forth.length + back.length === 0) return undefined;

  // Whoever is nearer to the client sees its packets first; the wrong guess would need clocks that let packets arrive before they leave.
  const aFirst = fitClock(forth, back);
  const bFirst = fitClock(back, forth);
  const aNear = !aFirst || !bFirst || aFirst.margin >= bFirst.margin;
  const clock = aNear ? aFirst : bFirst;
  const way: Way = {
    aNearClient: aNear,
    toA: toFirst(clock ?? oneWay(forth, back)),
    lastOfA: a.last,
    lastOfB: b.last,
  };
  const fatesOf = latest((match: Match) => {
    const paired = pairedOf(match);
    return { paired, client: judgeDirection('client', paired, way), server: judgeDirection('server', paired, way) };
  });
  return {
    nearClient: aNear ? 'a' : 'b',
    clock,
    matches,
    judge: (match) => {
      const { paired, client, server } = fatesOf(match);
      return { ...match, pairs: paired.pairs.length, directions: { client: client.direction, server: server.direction } };
    },
    fates: (match) => {
      const { client, server } = fatesOf(match);
      return [...client.fates, ...server.fates].sort((x, y) => momentOf(x) - momentOf(y));
    },
  };
}

/** Whoever asks again for the same is answered from memory: a long connection takes seconds to pair. */
function latest<K, V>(make: (key: K) => V): (key: K) => V {
  let known: { readonly key: K; readonly value: V } | undefined;
  return (key) => {
    if (known?.key !== key) known = { key, value: make(key) };
    return known.value;
  };
}

const fromOtherSide = (sight: Sight): Sight => ({ ...sight, from: sight.from === 'client' ? 'server' : 'client' });

const momentOf = ({ sent, arrived }: Fate): number => sent?.at ?? arrived!.at;

/** Time of the second clock on the first. */
const toFirst =
  ({ offset, drift }: Pick<ClockLine, 'offset' | 'drift'>) =>
  (time: number): number =>
    (time - offset) / (1 + drift);

/** With packets of one direction alone the shortest way counts as none. */
function oneWay(forth: readonly Delay[], back: readonly Delay[]): { offset: number; drift: number } {
  let offset = Number.POSITIVE_INFINITY;
  for (const { apart } of forth.length > 0 ? forth : back) offset = Math.min(offset, apart);
  return { offset, drift: 0 };
}
