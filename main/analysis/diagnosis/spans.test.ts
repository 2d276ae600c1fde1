import { expect, test } from 'vitest';
import { Spans } from './spans.ts';

test('who takes a place anew ends its last span, and it is said whether that was early', () => {
  const spans = new Spans();
  expect([spans.add(1, 0, 60), spans.add(2, 10, 70), spans.add(1, 20, 80), spans.add(2, 70, 90)]).toEqual([false, false, true, false]);
  expect([spans.count, spans.mostAtOnce]).toEqual([4, 2]);
});

test('a place that is given back early', () => {
  const spans = new Spans();
  spans.add('a', 0, 60);
  expect([spans.endAt('a', 5), spans.endAt('a', 6), spans.endAt('b', 5)]).toEqual([true, false, false]);
  spans.add('b', 10, 20);
  expect(spans.mostAtOnce).toBe(1);
});
