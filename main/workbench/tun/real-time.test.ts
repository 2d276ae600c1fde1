import { expect, test } from 'vitest';
import { Engine } from '../../engine/engine.ts';
import { ms } from '../../wire/units.ts';
import { RealTime } from './real-time.ts';

const paced = () => {
  const engine = new Engine({ seed: 1 });
  let runs = 0;
  const time = new RealTime(engine, () => runs++);
  return { engine, time, runs: () => runs };
};

test('a deadline comes without anybody asking, not before its time, and the next one after it', async () => {
  const { engine, time } = paced();
  const began = performance.now();
  const rang = await new Promise<number[]>((resolve) => {
    const times: number[] = [];
    time.act(() => {
      engine.clock.after(ms(5), () => {
        times.push(performance.now());
        engine.clock.after(ms(5), () => resolve([...times, performance.now()]));
      });
    });
  });
  time.stop();
  expect(rang[0]! - began).toBeGreaterThanOrEqual(5);
  expect(rang[1]! - began).toBeGreaterThanOrEqual(10);
});

test('an earlier deadline takes the place of the one the alarm was set for', async () => {
  const { engine, time } = paced();
  time.act(() => engine.clock.after(ms(3_600_000), () => {}));
  await new Promise<void>((resolve) => time.act(() => engine.clock.after(ms(5), resolve)));
  time.stop();
});

test('actions happen at the present, and the engine says what time of day it is', () => {
  const { engine, time, runs } = paced();
  let at = 0;
  const before = Date.now();
  time.act(() => {
    at = time.epochSeconds * 1000 + engine.now / 1e6;
  });
  expect(at).toBeGreaterThanOrEqual(before - 2); // the clock of the day counts in milliseconds
  expect(at).toBeLessThanOrEqual(Date.now() + 2);
  expect(runs()).toBe(1);
  time.stop();
});

test('nothing happens any more once it has stopped', async () => {
  const { engine, time, runs } = paced();
  let rang = false;
  time.act(() =>
    engine.clock.after(ms(1), () => {
      rang = true;
    }),
  );
  time.stop();
  time.act(() => {
    rang = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect({ rang, runs: runs() }).toEqual({ rang: false, runs: 1 });
});
