import { expect, test } from 'vitest';
import { tickStep, ticksBetween } from './ticks.ts';

test.each([
  [0.01, 90, 1],
  [0.001, 90, 0.1],
  [1e-8, 90, 1e-6],
  [1, 90, 120],
  [100, 90, 14_400],
])('at %d s on a pixel, marks at least %d pixels apart stand every %d s', (perPixel, least, step) => {
  expect(tickStep(perPixel, least)).toBeCloseTo(step, 12);
  expect(tickStep(perPixel, least) / perPixel).toBeGreaterThanOrEqual(least - 1e-6);
});

test('ticks are whole multiples of the step', () => {
  expect(ticksBetween(0.9, 3.1, 1)).toEqual([1, 2, 3]);
  expect(ticksBetween(-1, 1, 0.5)).toEqual([-1, -0.5, 0, 0.5, 1]);
});
