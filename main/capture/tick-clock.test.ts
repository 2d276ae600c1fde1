import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TickClock } from './tick-clock.ts';

/** Those of our time are small ones; seconds that are just over are where a division may go wrong. */
const counts = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 0n, max: 1n << 54n }),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10_000_000n }), fc.constantFrom(1_000n, 1_000_000n, 1_000_000_000n))
    .map(([n, per]) => n * per + per - 1n),
);

test('whatever the resolution, a count becomes the same time as in unbounded arithmetic', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 0, max: 255 }), (ticks, resolution) => {
      const clock = new TickClock(resolution);
      clock.set(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
      const perSecond = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
      expect(clock.seconds).toBe(Number(ticks / perSecond));
      expect(clock.nanoseconds).toBe(Number(((ticks % perSecond) * 1_000_000_000n) / perSecond));
    }),
    { numRuns: 3000 },
  );
});

test('an offset moves the seconds, also into the past', () => {
  const clock = new TickClock(9, -3);
  clock.set(0, 500_000_000);
  expect([clock.seconds, clock.nanoseconds]).toEqual([-3, 500_000_000]);
});
