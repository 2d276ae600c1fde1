import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nanos } from '../wire/units.ts';
import { Clock, Timer } from './clock.ts';

test('events fire by deadline, equal deadlines in the order of setting, whatever was cancelled or moved between', () => {
  const change = fc.record({ timer: fc.nat(9), delay: fc.option(fc.nat(5)) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const clock = new Clock();
      const fired: number[] = [];
      const timers = Array.from({ length: 10 }, (_, i) => new Timer(() => fired.push(i)));
      const model = new Map<number, { due: number; order: number }>();
      for (const [order, { timer, delay }] of changes.entries()) {
        if (delay === null) {
          clock.cancel(timers[timer]!);
          model.delete(timer);
        } else {
          clock.set(timers[timer]!, nanos(delay));
          model.set(timer, { due: delay, order });
        }
      }
      while (clock.step());
      const expected = [...model].sort(([, a], [, b]) => a.due - b.due || a.order - b.order).map(([timer]) => timer);
      expect(fired).toEqual(expected);
    }),
  );
});

test('time jumps to the next event and never passes one unseen', () => {
  const clock = new Clock();
  const seen: number[] = [];
  clock.after(nanos(10), () => seen.push(clock.now));
  clock.advanceTo(nanos(50));
  expect(clock.now).toBe(10);
  clock.step();
  clock.advanceTo(nanos(50));
  expect([seen, clock.now, clock.step()]).toEqual([[10], 50, false]);
});
