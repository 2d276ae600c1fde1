import { afterEach, expect, test } from 'vitest';
import { applyFilter, filterSession, mergeFilter } from '../stores/filter.ts';
import { everyLane, lanesNow, lanesOf } from './lanes.ts';

afterEach(() => applyFilter(''));

test('without a filter every connection has the lane of its number', () => {
  const lanes = everyLane(3);
  expect([lanes.idAt(0), lanes.idAt(2), lanes.idAt(3), lanes.idAt(-1)]).toEqual([0, 2, undefined, undefined]);
  expect([lanes.indexOf(2), lanes.indexOf(3)]).toEqual([2, -1]);
});

test('with one, those that pass follow each other in their order', () => {
  const lanes = lanesOf(new Set([70, 3, 12]));
  expect([0, 1, 2, 3].map((index) => lanes.idAt(index))).toEqual([3, 12, 70, undefined]);
  expect([3, 12, 13, 70, 71].map((id) => lanes.indexOf(id))).toEqual([0, 1, -1, 2, -1]);
});

test('each answer of the filter adds the lanes it found', () => {
  const records = Array.from({ length: 9 }, () => undefined);
  expect(lanesNow(records).count).toBe(9);
  filterSession('s');
  applyFilter('tcp');
  expect(lanesNow(records).count).toBe(0);
  const progress = { segments: 1, scanned: 10, total: 20, found: 2 };
  mergeFilter('s', 'tcp', { ...progress, connections: [5] });
  expect(lanesNow(records).idAt(0)).toBe(5);
  mergeFilter('s', 'tcp', { ...progress, scanned: 20, connections: [2] });
  expect([lanesNow(records).idAt(0), lanesNow(records).count]).toEqual([2, 2]);
});
