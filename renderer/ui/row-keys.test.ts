import { expect, test } from 'vitest';
import { rowAfter } from './row-keys.ts';

test('keys go from row to row, by pages and to the ends, and no further', () => {
  const from = (at: number) => ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'].map((key) => rowAfter(key, at, 50));
  expect(from(10)).toEqual([11, 9, 30, 0, 0, 49]);
  expect(from(49)).toEqual([49, 48, 49, 29, 0, 49]);
  expect(from(-1)).toEqual([0, 0, 19, 0, 0, 49]);
  expect(['a', 'Enter', 'constructor'].map((key) => rowAfter(key, 3, 50))).toEqual([undefined, undefined, undefined]);
});
