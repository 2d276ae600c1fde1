import { expect, test } from 'vitest';
import type { ConnectionRecord } from '../../preload/contract.ts';
import { listed } from './order.ts';

const record = (id: number, port: number, packets: number, state: 'ESTABLISHED' | 'CLOSED'): ConnectionRecord => ({
  id,
  client: { address: '10.0.0.1', port },
  server: { address: '10.0.0.2', port: 9502 },
  complete: 7,
  start: { seconds: id, nanoseconds: 0 },
  end: { seconds: id + 1, nanoseconds: 0 },
  packets: { client: packets, server: 0 },
  bytes: { client: 0, server: 0 },
  states: {
    client: [{ state, from: { seconds: id, nanoseconds: 0 }, packet: 1, because: [1], trigger: 'start', certainty: 'seen' }],
    server: [],
  },
  events: [],
  eventCount: 0,
});
const records = [record(0, 40_000, 5, 'CLOSED'), undefined, record(2, 40_001, 9, 'ESTABLISHED'), record(3, 40_002, 5, 'CLOSED')];
const ids = (found: readonly ConnectionRecord[]): readonly number[] => found.map(({ id }) => id);

test('in any order, equal ones stand by id, and what has not arrived is left out', () => {
  expect(ids(listed(records, { column: 'packets', descending: false }, ''))).toEqual([0, 3, 2]);
  expect(ids(listed(records, { column: 'packets', descending: true }, ''))).toEqual([2, 0, 3]);
  expect(ids(listed(records, { column: 'id', descending: true }, ''))).toEqual([3, 2, 0]);
});

test('a search must find every word, in address, port or state', () => {
  expect(ids(listed(records, { column: 'id', descending: false }, 'closed 40002'))).toEqual([3]);
  expect(ids(listed(records, { column: 'id', descending: false }, '10.0.0.2:9502'))).toEqual([0, 2, 3]);
  expect(ids(listed(records, { column: 'id', descending: false }, 'listen'))).toEqual([]);
});

test('only what passes the display filter is listed', () => {
  expect(ids(listed(records, { column: 'id', descending: false }, '', new Set([0, 3])))).toEqual([0, 3]);
  expect(ids(listed(records, { column: 'id', descending: false }, '40002', new Set([0, 3])))).toEqual([3]);
  expect(ids(listed(records, { column: 'id', descending: false }, '', new Set()))).toEqual([]);
});
