import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seq, seqAdd, seqAfter, seqAtOrAfter, seqAtOrBefore, seqBefore, seqDistance, seqMax, seqMin } from './seq.ts';

const number = fc.integer({ min: 0, max: 0xffff_ffff }).map(seq);
/** Less than half the circle, where "before" and "after" mean something. */
const step = fc.integer({ min: 1, max: 0x7fff_ffff });

test('walking forward by n lands n ahead, wherever the circle closes', () => {
  fc.assert(
    fc.property(number, step, (from, octets) => {
      const to = seqAdd(from, octets);
      expect(seqDistance(from, to)).toBe(octets);
      expect(seqDistance(to, from)).toBe(-octets);
      expect([seqBefore(from, to), seqAfter(from, to), seqAtOrBefore(from, to), seqAtOrAfter(from, to)]).toEqual([
        true,
        false,
        true,
        false,
      ]);
      expect([seqMax(from, to), seqMin(from, to)]).toEqual([to, from]);
    }),
  );
});

test('a number is neither before nor after itself', () => {
  fc.assert(
    fc.property(number, (n) => {
      expect([seqBefore(n, n), seqAfter(n, n), seqAtOrBefore(n, n), seqAtOrAfter(n, n)]).toEqual([false, false, true, true]);
    }),
  );
});

test('2^32 closes the circle', () => {
  expect(seqAdd(seq(0xffff_ffff), 1)).toBe(0);
  expect(seqDistance(seq(0xffff_fff0), seq(0x10))).toBe(0x20);
});
