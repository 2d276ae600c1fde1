import { expect, test } from 'vitest';
import type { Connection } from '../connection-store.ts';
import { Crowds, clientOf, PILE, pairOf, serverOf } from './crowds.ts';

/** Its first endpoint is the client. */
const connection = (client: readonly number[], server: readonly number[], port: number): Connection =>
  ({ address: (second: boolean, word: number) => (second ? server : client)[word] ?? 0, port: () => port }) as unknown as Connection;

test('a flood with forged addresses is a crowd at its server, and none of its clients is one', () => {
  const crowds = new Crowds(100_000);
  const flood = Array.from({ length: 100_000 }, (_, i) => connection([0x0b000000 + i], [0x0a000001], 80));
  for (const each of flood) for (const likeness of [clientOf, serverOf, pairOf]) crowds.add(likeness(each, false));
  expect(crowds.has(serverOf(flood[0]!, false))).toBe(true);
  // Chance puts a few together.
  for (const likeness of [clientOf, pairOf])
    expect(flood.filter((each) => crowds.has(likeness(each, false))).length).toBeLessThan(flood.length / 1000);
});

test('from twenty on they are a crowd; another port, another server, another IPv6 address is another', () => {
  const crowds = new Crowds(PILE);
  const one = connection([1, 2, 3, 4], [5, 6, 7, 8], 443);
  for (let i = 1; i < PILE; i++) crowds.add(pairOf(one, false));
  expect(crowds.has(pairOf(one, false))).toBe(false);
  crowds.add(pairOf(one, false));
  expect(crowds.has(pairOf(one, false))).toBe(true);
  expect(crowds.has(pairOf(one, true))).toBe(false);
  for (const other of [connection([1, 2, 3, 4], [5, 6, 7, 8], 444), connection([1, 2, 3, 5], [5, 6, 7, 8], 443)])
    expect(crowds.has(pairOf(other, false))).toBe(false);
});
