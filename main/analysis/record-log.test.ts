import { expect, test } from 'vitest';
import { RecordLog } from './record-log.ts';

test('a record keeps its place however many follow, and can be written anew', () => {
  const log = new RecordLog();
  for (let i = 0; i < 10_000; i++) expect(log.push(i, -i, i * 2, 7)).toBe(i);
  log.put(4096, 1, 2, 3, 4);
  log.set(9999, 3, -1);
  expect([0, 1, 2, 3].map((field) => log.get(4095, field))).toEqual([4095, -4095, 8190, 7]);
  expect([0, 1, 2, 3].map((field) => log.get(4096, field))).toEqual([1, 2, 3, 4]);
  expect([0, 1, 2, 3].map((field) => log.get(9999, field))).toEqual([9999, -9999, 19_998, -1]);
});

test('of what it holds less than a page stands empty', () => {
  const log = new RecordLog();
  for (let i = 0; i < 100_000; i++) log.push(i, 0, 0, 0);
  expect(log.memory / 100_000).toBeLessThan(17);
});
