import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QueueStays } from './queue-lengths.ts';

const stays = (...pairs: readonly (readonly [from: number, to: number])[]) => {
  const queue = new QueueStays();
  for (const [from, to] of pairs) queue.add(from * 1e9, to * 1e9);
  return queue.lengths();
};
const NEVER = Number.POSITIVE_INFINITY;

test('an empty queue has no history', () => {
  expect(stays()).toEqual({ now: 0, most: 0, mostAt: 0, history: [] });
});

test('a place that is left is free for who comes at the same time', () => {
  expect(stays([0, 1], [1, 2], [1, NEVER])).toEqual({
    now: 1,
    most: 2,
    mostAt: 1,
    history: [
      { at: 0, length: 1 },
      { at: 1, length: 2 },
      { at: 2, length: 1 },
    ],
  });
});

test('who leaves as they come held no place', () => {
  expect(stays([1, 1], [2, 1]).most).toBe(0);
});

test('however many come and go, the history is bounded, keeps the peak and ends as the queue does', () => {
  const stay = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.constant(NEVER)));
  fc.assert(
    fc.property(fc.array(stay, { minLength: 1, maxLength: 900 }), (pairs) => {
      const { now, most, mostAt, history } = stays(...pairs);
      const at = (time: number) => pairs.filter(([from, to]) => from <= time && time < to).length;
      expect(history.length).toBeLessThanOrEqual(402);
      expect(most).toBe(Math.max(0, ...pairs.map(([from]) => at(from))));
      expect(now).toBe(pairs.filter(([, to]) => to === NEVER).length);
      for (const point of history) expect(point.length).toBe(at(point.at));
      if (most > 0) expect(history.find((point) => point.length === most)!.at).toBeGreaterThanOrEqual(mostAt);
      expect(history.at(-1)?.length ?? 0).toBe(now);
    }),
    { numRuns: 60 },
  );
});
