import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimate, type Point } from './decimate.ts';

const point = (time: number, queue: number): Point => ({ time, queue });

test('few points are left as they are', () => {
  const points = [point(0, 1), point(1, 2)];
  expect(decimate(points, ['queue'], 10)).toBe(points);
});

test('a queue that was full for one moment of ten thousand is still seen full', () => {
  const points = Array.from({ length: 10_000 }, (_, i) => point(i, i === 6543 ? 128 : 1));
  const fewer = decimate(points, ['queue'], 200);
  expect(fewer.length).toBeLessThanOrEqual(200);
  expect(Math.max(...fewer.map((p) => p.queue!))).toBe(128);
});

test('whatever the data: in order, bounded, both ends kept, extremes kept', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 400 }),
      fc.integer({ min: 8, max: 60 }),
      (values, most) => {
        const points = values.map((v, i) => point(i, v));
        const fewer = decimate(points, ['queue'], most);
        expect(fewer.length).toBeLessThanOrEqual(Math.max(most, 4));
        expect(fewer[0]).toBe(points[0]);
        expect(fewer.at(-1)).toBe(points.at(-1));
        expect(Math.max(...fewer.map((p) => p.queue!))).toBe(Math.max(...values));
        expect(Math.min(...fewer.map((p) => p.queue!))).toBe(Math.min(...values));
        for (let i = 1; i < fewer.length; i++) expect(fewer[i]!.time).toBeGreaterThan(fewer[i - 1]!.time);
      },
    ),
  );
});
