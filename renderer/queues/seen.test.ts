import { expect, test } from 'vitest';
import type { ConnectionRecord, ListenerRecord, QueueLengths } from '../../preload/contract.ts';
import { inOrder, lengthAt, seenSeries } from './seen.ts';

const lengths = (...history: readonly (readonly [at: number, length: number])[]): QueueLengths => ({
  now: history.at(-1)?.[1] ?? 0,
  most: Math.max(0, ...history.map(([, length]) => length)),
  mostAt: 0,
  history: history.map(([at, length]) => ({ at, length })),
});
const listener = (port: number, syn = lengths(), accept = lengths()): ListenerRecord => ({
  endpoint: { address: '10.0.0.2', port },
  state: 'LISTEN',
  spans: [],
  connections: 1,
  established: 1,
  refused: 0,
  unanswered: 0,
  synQueue: syn,
  acceptQueue: accept,
  ignoredSyns: 0,
  ignoredAcks: 0,
  unrepeated: 0,
});

test('a length holds until the next change', () => {
  const { history } = lengths([1, 1], [2, 3], [4, 0]);
  expect([0.5, 1, 1.9, 3, 9].map((at) => lengthAt(history, at))).toEqual([0, 1, 1, 3, 0]);
});

test('both queues on one axis, in the session’s time', () => {
  expect(seenSeries(listener(80, lengths([0, 1], [1, 0]), lengths([1, 1], [3, 0])), 10)).toEqual([
    { time: 10, syn: 1, accept: 0 },
    { time: 11, syn: 0, accept: 1 },
    { time: 13, syn: 0, accept: 0 },
  ]);
});

test('the listener of the selected connection comes first', () => {
  const record = { server: { address: '10.0.0.2', port: 82 } } as ConnectionRecord;
  const ports = (selected: ConnectionRecord | undefined) =>
    inOrder([listener(80), listener(81), listener(82)], selected).map(({ endpoint }) => endpoint.port);
  expect([ports(undefined), ports(record)]).toEqual([
    [80, 81, 82],
    [82, 80, 81],
  ]);
});
