import { expect, test } from 'vitest';
import { bringIntoSight, stretchOf } from './use-rows.ts';

test('a list that an element can hold is scrolled pixel by pixel; the end of a longer one is reached all the same', () => {
  expect(stretchOf(46 * 100_000, 400)).toBe(1);
  const total = 46 * 5_000_000;
  const lastOffset = total - 400;
  expect((16_000_000 - 400) * stretchOf(total, 400)).toBeCloseTo(lastOffset, 3);
});

test('a row is brought into sight by as little as can be', () => {
  const row = (index: number) => ({ top: 28 + index * 10, height: 10 });
  expect(bringIntoSight(row(0), 50, 100, 28)).toBe(0);
  expect(bringIntoSight(row(5), 30, 100, 28)).toBe(30);
  expect(bringIntoSight(row(20), 30, 100, 28)).toBe(138);
  expect(bringIntoSight(row(2), 30, 100, 28)).toBe(20);
});
