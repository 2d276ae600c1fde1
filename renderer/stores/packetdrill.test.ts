import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { packetdrillStore, readAsWritten } from './packetdrill.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const problem = (message: string) => ({ line: 1, column: 1, message });

test('a script is read when its writer pauses; what is told of an older text is dropped', async () => {
  const answers: { readonly source: string; readonly tell: () => void }[] = [];
  const changed = readAsWritten((source) => new Promise((resolve) => answers.push({ source, tell: () => resolve([problem(source)]) })));
  changed('a');
  changed('ab');
  await vi.advanceTimersByTimeAsync(1000);
  expect(answers.map(({ source }) => source)).toEqual(['ab']);
  changed('abc');
  await vi.advanceTimersByTimeAsync(1000);
  answers[1]!.tell();
  answers[0]!.tell();
  await vi.advanceTimersByTimeAsync(0);
  expect(packetdrillStore.getState().problems).toEqual([problem('abc')]);
});

test.each([[undefined], [' \n'], ['x'.repeat(200_000)]])('another language, nothing, and too much have no mistakes', (source) => {
  packetdrillStore.setState({ problems: [problem('old')] });
  readAsWritten(() => Promise.reject(new Error('asked')))(source);
  expect(packetdrillStore.getState().problems).toEqual([]);
});
