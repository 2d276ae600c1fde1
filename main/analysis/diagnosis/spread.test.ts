import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Spread } from './spread.ts';

const spans = (count: { minLength: number; maxLength: number }) => fc.array(fc.integer({ min: 1, max: 1e12 }), count);
const of = (values: readonly number[]): Spread => {
  const spread = new Spread();
  for (const value of values) spread.add(value);
  return spread;
};
/** The rank that a share falls on. */
const exact = (values: readonly number[], q: number) => [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1]!;

test('few spans give their quantiles as they are', () => {
  fc.assert(
    fc.property(spans({ minLength: 1, maxLength: 32 }), (values) => {
      expect([of(values).median, of(values).quantile(0.95)]).toEqual([exact(values, 0.5), exact(values, 0.95)]);
    }),
  );
});

test('of many they are good to a twelfth, the smallest and the largest as they are', () => {
  fc.assert(
    fc.property(spans({ minLength: 33, maxLength: 400 }), (values) => {
      const spread = of(values);
      expect([spread.min, spread.max, spread.count]).toEqual([Math.min(...values), Math.max(...values), values.length]);
      for (const q of [0.05, 0.5, 0.95]) expect(Math.abs(spread.quantile(q) / exact(values, q) - 1)).toBeLessThan(1 / 12);
    }),
    { numRuns: 50 },
  );
});

test('nothing is nothing, and time that goes back is passed over', () => {
  expect([of([]).median, of([-5]).count, of([0]).median]).toEqual([0, 0, 0]);
});
