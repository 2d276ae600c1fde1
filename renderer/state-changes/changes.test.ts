import { expect, test } from 'vitest';
import type { StateSpan } from '../../preload/contract.ts';
import { spanRows } from '../timeline/span-rows.ts';
import { changesOf } from './changes.ts';

const span = (state: StateSpan['state'], nanoseconds: number, packet: number): StateSpan => ({
  state,
  from: { seconds: 1, nanoseconds },
  packet,
  because: [packet],
  trigger: 'start',
  certainty: 'seen',
});
const states = {
  client: [span('CLOSED', 0, 1), span('SYN-SENT', 0, 1), span('ESTABLISHED', 20, 2)],
  server: [span('LISTEN', 0, 1), span('SYN-RECEIVED', 0, 1), span('ESTABLISHED', 30, 3)],
};

test('both ends in one order, each keeping its own, with the state that was left', () => {
  expect(changesOf({ states }).map(({ side, from, span: { state, packet } }) => `${packet} ${side} ${from ?? ''}>${state}`)).toEqual([
    '1 client >CLOSED',
    '1 client CLOSED>SYN-SENT',
    '1 server >LISTEN',
    '1 server LISTEN>SYN-RECEIVED',
    '2 client SYN-SENT>ESTABLISHED',
    '3 server SYN-RECEIVED>ESTABLISHED',
  ]);
});

test("the timeline's table finds any row of any connection, and none beyond the last", () => {
  const rows = spanRows([{ id: 0, states } as never, undefined, { id: 2, states } as never]);
  expect(rows.count).toBe(12);
  expect(rows.row(5)).toMatchObject({ side: 'server', span: { state: 'ESTABLISHED' }, next: undefined, record: { id: 0 } });
  expect(rows.row(6)).toMatchObject({ side: 'client', span: { state: 'CLOSED' }, next: { state: 'SYN-SENT' }, record: { id: 2 } });
  expect(rows.row(12)).toBeUndefined();
});
