import { expect, test } from 'vitest';
import { SharedMemory } from './shared-memory.ts';

const BEYOND_A_STEP = 5_000_003;

test('words are zero, apart from each other, and stay what they are as more come', () => {
  const memory = SharedMemory.create()!;
  const sizes = [BEYOND_A_STEP - 3, 16, 4_000_000, 16, 2 * BEYOND_A_STEP];
  const all = sizes.map((size) => memory.words(size));
  expect(all.map(({ length }) => length)).toEqual(sizes);
  all.forEach((words, i) => {
    expect([words[0], words.at(-1)]).toEqual([0, 0]);
    words[0] = words[words.length - 1] = i + 1;
  });
  expect(all.map((words) => [words[0], words.at(-1)])).toEqual(sizes.map((_, i) => [i + 1, i + 1]));
  expect(memory.full).toBe(false);
});

test('what was freed is given again, zero, in parts', () => {
  const memory = SharedMemory.create()!;
  const old = memory.words(64).fill(7);
  memory.free(old);
  const parts = [memory.words(16), memory.words(48), memory.words(16)];
  expect(parts.map(({ byteOffset }) => byteOffset - old.byteOffset)).toEqual([0, 64, 256]);
  expect(parts.every((words) => words.every((word) => word === 0))).toBe(true);
});

test('when it is full, words lie in arrays of their own', () => {
  const memory = SharedMemory.create(5e6)!;
  const [first, second, third] = [memory.words(1000), memory.words(1_000_000), memory.words(16)];
  expect([first!.buffer === second!.buffer, second!.byteOffset, third!.byteOffset]).toEqual([false, 0, 0]);
  expect(memory.full).toBe(true);
});
