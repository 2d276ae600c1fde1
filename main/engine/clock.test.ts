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

test('timers that are set for the same span, in rows and out of them, fire as if all stood in one heap', () => {
  const SPANS = [0, 2, 5];
  const change = fc.record({ timer: fc.nat(19), what: fc.constantFrom('set', 'cancel', 'step') });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
      const play = (inRows: boolean): string[] => {
        const clock = new Clock();
        const fired: string[] = [];
        const timers = Array.from({ length: 20 }, (_, i) => new Timer(() => fired.push(`${i} at ${clock.now}`)));
        for (const { timer: i, what } of changes) {
          const timer = timers[i]!;
          const span = nanos(SPANS[i % 3]!);
          const place = inRows && i % 2 === 0 ? clock.row(span) : { set: () => clock.set(timer, span), cancel: () => clock.cancel(timer) };
          if (what === 'set') place.set(timer);
          else if (what === 'cancel') place.cancel(timer);
          else clock.step();
          fired.push(`${clock.pending} wait, next ${clock.nextEventAt()}`);
        }
        while (clock.step());
        return fired;
      };
      expect(play(true)).toEqual(play(false));
    }),
  );
});

test('a row holds as many timers as there are, and no more memory than they need however often they are set', () => {
  const clock = new Clock();
  const fired: number[] = [];
  const row = clock.row(nanos(10));
  const timers = Array.from({ length: 1000 }, (_, i) => new Timer(() => fired.push(i)));
  for (let times = 0; times < 4; times++) for (const timer of timers.reverse()) row.set(timer);
  expect([row.length, row.capacity]).toEqual([1000, 2048]);
  for (const timer of timers.slice(10)) row.cancel(timer);
  while (clock.step());
  expect(fired).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
