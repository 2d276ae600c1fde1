import type { ConnectionRecord, Instant, StateSpan } from '../../preload/contract.ts';
import type { Side } from '../side.ts';
import { secondsSince } from '../stores/connections.ts';

/** Pure geometry of the timeline: moments to pixels and lanes to rows. All times are seconds since the session's first packet. */

/** Height of the time axis above the lanes. */
export const AXIS = 24;
/** One connection: the client's lane, the server's lane below it, and air. */
export const LANE = 11;
export const LANE_GAP = 1;
export const PAIR = 2 * LANE + LANE_GAP + 9;
/** Air above and below each pair. */
export const AIR = 4;
/** Where the first lane begins. */
export const TOP = AIR + 1;

export interface View {
  /** The moment at the left edge of the lanes. */
  readonly from: number;
  readonly secondsPerPixel: number;
}

/** A millisecond's thousandth on one pixel is as close as a capture's clock is worth; a day on one is as far. */
const CLOSEST = 1e-8;
const FARTHEST = 86_400;

export const toX = (view: View, time: number): number => (time - view.from) / view.secondsPerPixel;
export const toTime = (view: View, x: number): number => view.from + x * view.secondsPerPixel;

export const pan = (view: View, pixels: number): View => ({ ...view, from: view.from + pixels * view.secondsPerPixel });

/** Scales time by `factor` (above 1 shows more of it), keeping the moment under `x` where it is. */
export function zoom(view: View, factor: number, x: number): View {
  const secondsPerPixel = Math.min(FARTHEST, Math.max(CLOSEST, view.secondsPerPixel * factor));
  return { from: toTime(view, x) - x * secondsPerPixel, secondsPerPixel };
}

/** The view that shows everything from `start` to `end`, with a little air on both sides. */
export function fitted(start: number, end: number, width: number): View {
  const room = Math.max(1, width - 24);
  const secondsPerPixel = Math.min(FARTHEST, Math.max(CLOSEST, (end - start || 1e-3) / room));
  return { from: start - 12 * secondsPerPixel, secondsPerPixel };
}

/** The view of the same scale whose right edge lies just beyond `now`; it does not go left of the session's start. */
export function follow(view: View, now: number, width: number): View {
  const from = now - (width - 24) * view.secondsPerPixel;
  return { ...view, from: Math.max(from, -12 * view.secondsPerPixel) };
}

/** First and last lane pair that shows in `height` pixels of lanes. */
export function visiblePairs(scrollTop: number, height: number, count: number): { readonly first: number; readonly last: number } {
  return {
    first: Math.max(0, Math.floor((scrollTop - TOP) / PAIR)),
    last: Math.min(count - 1, Math.floor((scrollTop + height - TOP) / PAIR)),
  };
}

/** Distance from the top of the lanes to a pair, before scrolling. */
export const pairTop = (index: number): number => TOP + index * PAIR;
export const contentHeight = (count: number): number => TOP + count * PAIR;

/** What lies `y` pixels below the axis. The air around a pair belongs to its nearer lane, so that it is easy to hit. */
export function laneAt(y: number, scrollTop: number, count: number): { readonly index: number; readonly side: Side } | undefined {
  const at = y + scrollTop - TOP + AIR;
  const index = Math.floor(at / PAIR);
  const within = at - index * PAIR;
  if (at < 0 || index >= count) return undefined;
  return { index, side: within < AIR + LANE + LANE_GAP / 2 ? 'client' : 'server' };
}

/** The scroll offset, as near to the present one as can be, at which a pair shows whole. */
export function scrollTo(index: number, scrollTop: number, height: number): number {
  const top = pairTop(index);
  if (top - TOP < scrollTop) return top - TOP;
  if (top + PAIR > scrollTop + height) return top + PAIR - height;
  return scrollTop;
}

/** Position of the span an endpoint is in at `time`, or -1 before its first. Spans are in order of time. */
export function spanIndexAt(spans: readonly StateSpan[], origin: Instant, time: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (secondsSince(origin, spans[middle]!.from) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The state an endpoint is in at `time`, or in the end when no time is given. */
export function spanAt(spans: readonly StateSpan[], origin: Instant | undefined, time: number | undefined): StateSpan | undefined {
  if (time === undefined || !origin) return spans.at(-1);
  return spans[spanIndexAt(spans, origin, time)];
}

/** A stretch of one lane, in pixels from the left edge of the lanes. */
export interface Stretch {
  readonly span: StateSpan;
  readonly x: number;
  readonly width: number;
}

/** A state that lasted less than a pixel must still be seen. */
const NARROWEST = 2;

/**
 * The stretches of a lane that lie within the view, left to right. The last state lasts until `end`. States too short to
 * be told apart are drawn at their narrowest, each pushed right by the one before, so that none vanishes; what would be
 * pushed further than a few pixels is left out until the person zooms in.
 */
export function stretches(spans: readonly StateSpan[], origin: Instant, end: number, view: View, width: number): readonly Stretch[] {
  const found: Stretch[] = [];
  let pushed = Number.NEGATIVE_INFINITY;
  for (let i = Math.max(0, spanIndexAt(spans, origin, view.from)); i < spans.length; i++) {
    const start = toX(view, secondsSince(origin, spans[i]!.from));
    if (start > width) break;
    const next = spans[i + 1];
    const stop = toX(view, next ? secondsSince(origin, next.from) : Math.max(end, secondsSince(origin, spans[i]!.from)));
    const x = Math.max(start, pushed);
    if (x - start > 4 * NARROWEST && next) continue;
    const right = Math.max(stop, x + NARROWEST);
    pushed = right;
    if (right >= 0) found.push({ span: spans[i]!, x, width: right - x });
  }
  return found;
}

/** Until when a connection is drawn: until both ends are CLOSED, which 2MSL may put off beyond the last packet, or until now. */
export function endOf({ states, end }: Pick<ConnectionRecord, 'states' | 'end'>, origin: Instant, now: number): number {
  const last = [states.client.at(-1), states.server.at(-1)];
  if (last.some((span) => span?.state !== 'CLOSED')) return now;
  return Math.max(secondsSince(origin, end), ...last.map((span) => secondsSince(origin, span!.from)));
}
