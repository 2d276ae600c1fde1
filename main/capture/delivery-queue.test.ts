import { expect, test } from 'vitest';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { batchOf } from './testing/frames.ts';

/** A batch of one frame of so many octets, whose time tells it apart. */
const batch = (seconds: number, octets = 10): FrameBatch =>
  batchOf([
    { octets: new Uint8Array(octets), originalLength: octets, seconds, nanoseconds: 0, linkType: 1, interfaceId: 0, position: 0 },
  ])[0]!;

const never = (cause: unknown): never => {
  throw cause;
};

test('a consumer that keeps up gets every batch at once, in order', async () => {
  const got: number[] = [];
  const queue = new DeliveryQueue(({ seconds }) => void got.push(seconds[0]!), 1000, never);
  queue.offer(batch(1));
  expect(got).toEqual([1]);
  queue.offer(batch(2));
  expect(got).toEqual([1, 2]);
  await queue.drained();
  queue.offer(batch(3));
  expect(got).toEqual([1, 2, 3]);
  expect(queue.dropped).toBe(0);
});

test('a slow consumer gets one batch at a time; what exceeds the limit is dropped and counted; later batches come again', async () => {
  const got: number[] = [];
  let proceed = () => {};
  const queue = new DeliveryQueue(
    ({ seconds }) => {
      got.push(seconds[0]!);
      return new Promise<void>((resolve) => {
        proceed = resolve;
      });
    },
    2 * (10 + 44),
    never,
  );
  for (const seconds of [1, 2, 3, 4]) queue.offer(batch(seconds));
  expect(got).toEqual([1]);
  expect(queue.dropped).toBe(2);
  proceed();
  await new Promise(setImmediate);
  expect(got).toEqual([1, 2]);
  queue.offer(batch(5));
  proceed();
  await new Promise(setImmediate);
  proceed();
  await queue.drained();
  expect(got).toEqual([1, 2, 5]);
});

test('a batch larger than the limit still passes when nothing waits', () => {
  const got: number[] = [];
  const queue = new DeliveryQueue(({ count }) => void got.push(count), 100, never);
  queue.offer(batch(1, 5000));
  expect(got).toEqual([1]);
});

test('a consumer that fails hears of it once and gets nothing more', async () => {
  const causes: unknown[] = [];
  let calls = 0;
  const queue = new DeliveryQueue(
    () => {
      calls++;
      throw new Error('full');
    },
    1000,
    (cause) => causes.push(cause),
  );
  for (const seconds of [1, 2, 3]) queue.offer(batch(seconds));
  await queue.drained();
  expect(calls).toBe(1);
  expect(causes).toEqual([new Error('full')]);
});
