import type { Side } from '../record.ts';
import { RESOLUTION } from './clock-fit.ts';
import type { Paired } from './pairing.ts';
import type { Sight } from './trace.ts';

/** How to read the two captures together. */
export interface Way {
  readonly aNearClient: boolean;
  /** A time of the second capture's clock on the first's. */
  toA(time: number): number;
  /** When the last frame of each was captured, by its own clock; the first was at 0. */
  readonly lastOfA: number;
  readonly lastOfB: number;
}

export interface Moment {
  readonly frame: number;
  /** Nanoseconds since the first frame of the first capture, by its clock. */
  readonly at: number;
}

/** What became of a segment between the two places. */
export interface Fate {
  readonly from: Side;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  /** `lost`: seen where it left and not where it should have come. `not-captured`: the capture where it left missed it. `recut`: it came in other pieces (offload), or is one of these. `unknown`: the other capture was not running. */
  readonly fate: 'arrived' | 'lost' | 'not-captured' | 'recut' | 'unknown';
  readonly sent?: Moment;
  readonly arrived?: Moment;
  /** Of a piece that came: the frames in which its octets left. */
  readonly leftAs?: readonly number[];
}

/** One direction of a connection. */
export interface Direction {
  /** Segments seen where they left, and of them those that came, were lost, or came in other pieces. */
  readonly sent: number;
  readonly arrived: number;
  readonly lost: number;
  readonly recut: number;
  /** Seen only where they came. */
  readonly notCaptured: number;
  /** Seen in one place while the other capture was not running. */
  readonly unknown: number;
  /** Frames of what was lost, in the capture where it left; the first of them. */
  readonly lostFrames: readonly number[];
  /** Nanoseconds on the way; absent where none came. */
  readonly delay?: { readonly min: number; readonly median: number; readonly max: number };
}

/** Frames that are named. */
const NAMED = 50;
/** How much later than any other a segment may come and still be the same. */
const PATIENCE = 4;
const SLACK_NANOSECONDS = 5e6;
/** Segments looked through for the pieces of one; 64 KiB are never cut in more. */
const MOST_PIECES = 4096;

interface Placed {
  readonly sight: Sight;
  readonly at: number;
}

/** What became of one side's segments. */
export function judgeDirection(from: Side, paired: Paired, way: Way): { readonly direction: Direction; readonly fates: Fate[] } {
  const aSends = (from === 'client') === way.aNearClient;
  const onA = (sight: Sight): Placed => ({ sight, at: sight.time });
  const onB = (sight: Sight): Placed => ({ sight, at: way.toA(sight.time) });
  const [whereSent, whereCame] = aSends ? [onA, onB] : [onB, onA];
  const [sentPart, camePart] = aSends ? (['a', 'b'] as const) : (['b', 'a'] as const);
  const fates: Fate[] = [];
  const delays: number[] = [];
  const arrive = (sent: Placed, { sight, at }: Placed): void => {
    const came = { sight, at: at < sent.at && sent.at - at <= RESOLUTION ? sent.at : at };
    delays.push(came.at - sent.at);
    fates.push(fateOf(sent.sight, 'arrived', sent, came));
  };

  const sure = paired.pairs.filter(({ a }) => a.from === from);
  for (const pair of sure) arrive(whereSent(pair[sentPart]), whereCame(pair[camePart]));
  const slowest = delays.reduce((most, delay) => Math.max(most, delay), 0);
  const longest = slowest * PATIENCE + SLACK_NANOSECONDS;

  const left: Placed[] = [];
  const came: Placed[] = [];
  for (const group of paired.unclear) {
    if (group.a[0]!.from !== from) continue;
    const rest = pairInTime(group[sentPart].map(whereSent), group[camePart].map(whereCame), longest, arrive);
    left.push(...rest.left);
    came.push(...rest.came);
  }
  const seenOnlyAt = (which: 'a' | 'b', place: (sight: Sight) => Placed): Placed[] =>
    (which === 'a' ? paired.onlyA : paired.onlyB).filter((sight) => sight.from === from).map(place);
  left.push(...seenOnlyAt(sentPart, whereSent));
  came.push(...seenOnlyAt(camePart, whereCame));

  const covers = coverage(came, longest);
  const covered = coverage(left, longest);
  const span = spans(way);
  const cut: Placed[] = [];
  for (const one of left) {
    const running = one.at >= span[camePart][0] - slowest && one.at + slowest <= span[camePart][1];
    const isCut = covers(one, 1);
    if (isCut) cut.push(one);
    fates.push(fateOf(one.sight, isCut ? 'recut' : running ? 'lost' : 'unknown', one, undefined));
  }
  const leftAs = overlaps(cut, longest);
  for (const one of came) {
    if (covered(one, -1)) {
      fates.push({ ...fateOf(one.sight, 'recut', undefined, one), leftAs: leftAs(one) });
      continue;
    }
    fates.push(
      fateOf(one.sight, one.at - slowest >= span[sentPart][0] && one.at <= span[sentPart][1] ? 'not-captured' : 'unknown', undefined, one),
    );
  }
  return { direction: sum(fates, delays), fates };
}

const fateOf = (
  { from, flags, seq, ack, length }: Sight,
  fate: Fate['fate'],
  sent: Placed | undefined,
  arrived: Placed | undefined,
): Fate => ({
  from,
  flags,
  seq,
  ack,
  length,
  fate,
  ...(sent && { sent: { frame: sent.sight.frame, at: sent.at } }),
  ...(arrived && { arrived: { frame: arrived.sight.frame, at: arrived.at } }),
});

/** Pairs segments that look alike in order of time; none may come before it left, or too late. */
function pairInTime(sent: Placed[], came: Placed[], longest: number, arrive: (sent: Placed, came: Placed) => void) {
  const left: Placed[] = [];
  let next = 0;
  const strays: Placed[] = [];
  for (const [i, one] of sent.entries()) {
    while (next < came.length && came[next]!.at < one.at) strays.push(came[next++]!);
    const candidate = came[next];
    // The last copy that left before it came is the likelier one; an earlier copy without a partner was lost.
    const later = sent[i + 1];
    if (candidate && candidate.at - one.at <= longest && !(later && later.at <= candidate.at && sent.length > came.length)) {
      arrive(one, candidate);
      next++;
    } else left.push(one);
  }
  return { left, came: [...strays, ...came.slice(next)] };
}

/** Tells whether all octets of a segment lie in others of these, close in time; `later`: 1 where those come after it, -1 before. */
function coverage(others: readonly Placed[], longest: number): (one: Placed, later: 1 | -1) => boolean {
  const data = others.filter(({ sight }) => sight.length > 0).sort((a, b) => a.at - b.at);
  return ({ sight, at }, later) => {
    if (sight.length === 0 || data.length === 0) return false;
    const [from, to] = later > 0 ? [at - SLACK_NANOSECONDS, at + longest] : [at - longest, at + SLACK_NANOSECONDS];
    let reached = sight.seq;
    const start = firstFrom(data, from);
    for (let i = start; i < data.length && i < start + MOST_PIECES && data[i]!.at <= to; i++) {
      const { seq, length } = data[i]!.sight;
      if (((seq - reached) | 0) <= 0 && ((seq + length - reached) | 0) > 0) reached = (seq + length) >>> 0;
    }
    return ((sight.seq + sight.length - reached) | 0) <= 0;
  };
}

/** Tells in which of these, the latest where it was sent again, the octets of a segment left. */
function overlaps(cut: readonly Placed[], longest: number): (piece: Placed) => number[] {
  const data = [...cut].sort((a, b) => a.at - b.at);
  return ({ sight, at }) => {
    const latest = new Map<number, number>();
    for (let i = firstFrom(data, at - longest); i < data.length && data[i]!.at <= at + SLACK_NANOSECONDS; i++) {
      const { seq, length, frame } = data[i]!.sight;
      if (((seq - (sight.seq + sight.length)) | 0) < 0 && ((sight.seq - (seq + length)) | 0) < 0) latest.set(seq, frame);
    }
    return [...latest.values()];
  };
}

function firstFrom(sorted: readonly Placed[], at: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const spans = ({ lastOfA, lastOfB, toA }: Way): { readonly a: readonly [number, number]; readonly b: readonly [number, number] } => ({
  a: [0, lastOfA],
  b: [toA(0), toA(lastOfB)],
});

function sum(fates: readonly Fate[], delays: readonly number[]): Direction {
  const count = (fate: Fate['fate']): number => fates.reduce((n, one) => n + (one.fate === fate ? 1 : 0), 0);
  const sorted = Float64Array.from(delays).sort();
  const lost = fates.filter(({ fate }) => fate === 'lost');
  return {
    sent: fates.reduce((n, one) => n + (one.sent ? 1 : 0), 0),
    arrived: count('arrived'),
    lost: lost.length,
    recut: fates.reduce((n, { fate, sent }) => n + (fate === 'recut' && sent ? 1 : 0), 0),
    notCaptured: count('not-captured'),
    unknown: count('unknown'),
    lostFrames: lost.slice(0, NAMED).map(({ sent }) => sent!.frame),
    ...(sorted.length > 0 && { delay: { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! } }),
  };
}
