import { describe, expect, test } from 'vitest';
import type { StateSpan } from '../../preload/contract.ts';
import type { ShownState } from '../state-colours.ts';
import {
  contentHeight,
  endOf,
  fitted,
  follow,
  LANE,
  laneAt,
  PAIR,
  pairTop,
  scrollTo,
  spanAt,
  stretches,
  TOP,
  toTime,
  toX,
  visiblePairs,
  zoom,
} from './geometry.ts';

const origin = { seconds: 100, nanoseconds: 999_999_000 };
const at = (seconds: number) => {
  const ns = Math.round(origin.nanoseconds + seconds * 1e9);
  return { seconds: origin.seconds + Math.floor(ns / 1e9), nanoseconds: ns % 1e9 };
};
const span = (state: ShownState, from: number, packet: number): StateSpan => ({
  state,
  from: at(from),
  packet,
  because: [packet],
  trigger: 'start',
  certainty: 'seen',
});
const life = [
  span('CLOSED', 0, 1),
  span('SYN-SENT', 0, 1),
  span('ESTABLISHED', 0.00002, 2),
  span('FIN-WAIT-1', 2, 7),
  span('TIME-WAIT', 2.00001, 9),
];

test('zooming keeps the moment under the pointer where it is', () => {
  const view = { from: 3, secondsPerPixel: 0.01 };
  const closer = zoom(view, 0.25, 400);
  expect(toTime(closer, 400)).toBeCloseTo(toTime(view, 400), 12);
  expect(closer.secondsPerPixel).toBeCloseTo(0.0025);
});

test('fitting shows both ends of the session', () => {
  const view = fitted(0, 61.2, 800);
  expect(toX(view, 0)).toBeCloseTo(12);
  expect(toX(view, 61.2)).toBeCloseTo(788);
});

test('following keeps now at the right edge, and the start in place while there is room', () => {
  const view = { from: 0, secondsPerPixel: 0.01 };
  expect(toX(follow(view, 100, 524), 100)).toBeCloseTo(500);
  expect(toX(follow(view, 1, 524), 0)).toBeCloseTo(12);
});

describe('lanes', () => {
  test('a point on a lane names its connection and its end; below the last there is none', () => {
    expect(laneAt(TOP, 0, 3)).toEqual({ index: 0, side: 'client' });
    expect(laneAt(TOP + LANE + 2, 0, 3)).toEqual({ index: 0, side: 'server' });
    expect(laneAt(TOP + PAIR - 1, 0, 3)).toEqual({ index: 1, side: 'client' });
    expect(laneAt(TOP, 2 * PAIR, 3)).toEqual({ index: 2, side: 'client' });
    expect(laneAt(TOP + PAIR, 2 * PAIR, 3)).toBeUndefined();
  });

  test('of ten thousand connections only those in sight are drawn', () => {
    const { first, last } = visiblePairs(pairTop(5000) - TOP, 400, 10_000);
    expect(first).toBeGreaterThanOrEqual(4999);
    expect(last - first).toBeLessThan(400 / PAIR + 2);
    expect(visiblePairs(0, 400, 2)).toEqual({ first: 0, last: 1 });
  });

  test('scrolling to a connection moves no further than needed', () => {
    expect(scrollTo(5, 0, 1000)).toBe(0);
    expect(scrollTo(100, 0, 200)).toBe(contentHeight(101) - 200);
    expect(scrollTo(3, 1000, 200)).toBe(3 * PAIR);
  });
});

test('the state at a moment is that of the last change before it, across a second boundary', () => {
  expect(spanAt(life, origin, 0.00001)?.state).toBe('SYN-SENT');
  expect(spanAt(life, origin, 1.5)?.state).toBe('ESTABLISHED');
  expect(spanAt(life, origin, 3)?.state).toBe('TIME-WAIT');
  expect(spanAt(life, origin, -1)).toBeUndefined();
  expect(spanAt(life, origin, undefined)?.state).toBe('TIME-WAIT');
});

describe('stretches of a lane', () => {
  test('a state of twenty microseconds is still seen when two seconds fill the window, and nothing overlaps', () => {
    const shown = stretches(life, origin, 4, fitted(0, 4, 800), 800);
    expect(shown.map((s) => s.span.state)).toEqual(['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'TIME-WAIT']);
    for (let i = 1; i < shown.length; i++) expect(shown[i]!.x).toBeGreaterThanOrEqual(shown[i - 1]!.x + shown[i - 1]!.width - 1e-9);
    expect(Math.min(...shown.map((s) => s.width))).toBeGreaterThanOrEqual(2);
  });

  test('zoomed into one state, only that state is drawn, over the whole width', () => {
    const shown = stretches(life, origin, 4, { from: 1, secondsPerPixel: 0.0001 }, 800);
    expect(shown.map((s) => s.span.state)).toEqual(['ESTABLISHED']);
    expect(shown[0]!.x).toBeLessThan(0);
    expect(shown[0]!.x + shown[0]!.width).toBeGreaterThan(800);
  });

  test('the last state lasts until now', () => {
    const view = fitted(0, 10, 824);
    const last = stretches(life, origin, 10, view, 824).at(-1)!;
    expect(last.x + last.width).toBeCloseTo(toX(view, 10));
  });
});

describe('the end of a connection', () => {
  const states = (client: ShownState, from: number) => ({ client: [span(client, from, 9)], server: [span('CLOSED', 2, 10)] });

  test('it goes on until now while one end lives', () => {
    expect(endOf({ states: states('TIME-WAIT', 2), end: at(2) }, origin, 30)).toBe(30);
  });

  test('it lasts until 2MSL is over, beyond its last packet', () => {
    expect(endOf({ states: states('CLOSED', 62), end: at(2) }, origin, 100)).toBeCloseTo(62, 9);
  });
});
