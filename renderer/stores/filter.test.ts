import { beforeEach, expect, test } from 'vitest';
import { applyFilter, filterFailed, filterRead, filterSession, filterStore, isThrough, mergeFilter, writeFilter } from './filter.ts';

const progress = (scanned: number, connections: readonly number[], found = connections.length) => ({
  segments: scanned / 2,
  scanned,
  total: 100,
  connections,
  found,
});

beforeEach(() => {
  filterSession('s1');
  applyFilter('tcp.len > 0');
});

test('answers gather until every segment was looked at and every connection told of', () => {
  expect(mergeFilter('s1', 'tcp.len > 0', progress(50, [3, 1]))).toBe(true);
  expect(isThrough(filterStore.getState())).toBe(false);
  mergeFilter('s1', 'tcp.len > 0', progress(100, [7], 4));
  expect(isThrough(filterStore.getState())).toBe(false);
  mergeFilter('s1', 'tcp.len > 0', progress(100, [9], 4));
  expect(isThrough(filterStore.getState())).toBe(true);
  expect([...filterStore.getState().passing]).toEqual([3, 1, 7, 9]);
});

test('what comes late for another filter or another session is passed over', () => {
  applyFilter('tcp.len > 1');
  expect(mergeFilter('s1', 'tcp.len > 0', progress(100, [1]))).toBe(false);
  filterFailed('s1', 'tcp.len > 0', { kind: 'x', message: 'late' });
  filterSession('s2');
  expect(mergeFilter('s1', 'tcp.len > 1', progress(100, [1]))).toBe(false);
  expect(filterStore.getState()).toMatchObject({ progress: undefined, error: undefined });
  expect(filterStore.getState().passing.size).toBe(0);
});

test('a reading of what was written before is passed over', () => {
  writeFilter('tcp.le');
  const reading = { text: 'tcp.l', fault: undefined, completions: [], from: 0, to: 5 };
  filterRead(reading);
  expect(filterStore.getState().reading?.text).not.toBe('tcp.l');
  filterRead({ ...reading, text: 'tcp.le' });
  expect(filterStore.getState().reading?.text).toBe('tcp.le');
});

test('filters used lately stand by their last use, each once, and an empty one is none', () => {
  applyFilter('udp');
  applyFilter(' tcp.len > 0 ');
  applyFilter('');
  expect(filterStore.getState().applied).toBe('');
  expect(filterStore.getState().recent.slice(0, 2)).toEqual(['tcp.len > 0', 'udp']);
});
