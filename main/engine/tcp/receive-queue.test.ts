import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seq, seqAdd, seqDistance } from '../../wire/seq.ts';
import { ReceiveQueue } from './receive-queue.ts';

const stream = Uint8Array.from({ length: 300 }, (_, i) => i);
const START = seq(2 ** 32 - 100); // the numbers wrap on the way

test('pieces in any order, overlapping and repeated, come out as the stream', () => {
  const piece = fc.tuple(fc.nat(290), fc.integer({ min: 1, max: 60 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const queue = new ReceiveQueue();
      const known = new Set<number>();
      for (const [at, length] of pieces) {
        const octets = stream.subarray(at + 1, at + 1 + length); // octet 0 stays away, so that all waits
        const fresh = [...octets.keys()].filter((i) => !known.has(at + 1 + i)).length;
        expect(queue.insert(seqAdd(START, at + 1), octets)).toBe(fresh);
        for (const i of octets.keys()) known.add(at + 1 + i);
      }
      expect(queue.outOfOrderLength).toBe(known.size);
      const reported = queue.sackBlocks(1000).reduce((sum, block) => sum + seqDistance(block.left, block.right), 0);
      expect(reported).toBe(known.size);
      queue.append(stream.subarray(0, 1));
      const next = queue.drainFrom(seqAdd(START, 1));
      const reached = seqDistance(START, next);
      expect(known.has(reached)).toBe(false);
      expect(queue.read(1000)).toEqual(stream.subarray(0, reached));
    }),
  );
});

test('the block that grew last is reported first (RFC 2018 §4)', () => {
  const queue = new ReceiveQueue();
  for (const at of [10, 30, 50, 30]) queue.insert(seq(at), stream.subarray(0, 5));
  expect(queue.sackBlocks(3)[0]).toEqual({ left: 30, right: 35 });
});

test('peeking leaves everything where it is', () => {
  const queue = new ReceiveQueue();
  queue.append(stream.subarray(0, 3));
  queue.append(stream.subarray(3, 6));
  expect([...queue.read(5, true)]).toEqual([0, 1, 2, 3, 4]);
  expect([...queue.read(5)]).toEqual([0, 1, 2, 3, 4]);
  expect([...queue.read(5)]).toEqual([5]);
});
