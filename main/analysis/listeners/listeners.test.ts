import { expect, test } from 'vitest';
import { analyse } from '../testing/conversation.ts';
import type { ListenerRecord, QueueLengths } from './listener.ts';
import { listenersOf } from './listeners.ts';

const all = (script: string): readonly ListenerRecord[] => listenersOf(analyse(script).tables, 10).listeners;
const only = (script: string): ListenerRecord => {
  const listeners = all(script);
  expect(listeners).toHaveLength(1);
  return listeners[0] as ListenerRecord;
};
/** A history as words: `SECONDS:LENGTH`. */
const said = ({ history }: QueueLengths): string => history.map(({ at, length }) => `${at}:${length}`).join(' ');
const spans = ({ spans }: ListenerRecord): string =>
  spans.map(({ state, packet, lastPacket }) => `${state}@${packet}-${lastPacket}`).join(' ');

test('a connection stands in the SYN queue until its ACK, and in the accept queue until its program speaks', () => {
  const listener = only(`
    0.000 > S  0
    0.010 < SA 0 1
    0.020 > A  1 1
    0.030 > PA 1 1 100
    0.040 < A  1 101
    0.500 < PA 1 101 10
  `);
  expect(listener).toMatchObject({ endpoint: { address: '10.0.0.2', port: 9502 }, state: 'LISTEN', connections: 1, established: 1 });
  expect([said(listener.synQueue), said(listener.acceptQueue)]).toEqual(['0:1 0.02:0', '0.02:1 0.5:0']);
  expect(spans(listener)).toBe('LISTEN@2-2');
});

test('a program that closes without a word had the connection', () => {
  const { acceptQueue } = only(`
    0.000 > S  0
    0.010 < SA 0 1
    0.020 > A  1 1
    0.700 < FA 1 1
    0.710 > A  1 2
  `);
  expect(said(acceptQueue)).toBe('0.02:1 0.7:0');
});

test('a client that closed waits on: its connection can still be accepted', () => {
  const { acceptQueue } = only(`
    0.000 > S  0
    0.010 < SA 0 1
    0.020 > A  1 1
    0.030 > FA 1 1
    0.040 < A  1 2
  `);
  expect(acceptQueue).toMatchObject({ now: 1, most: 1 });
});

test('half-open connections are given up when the next SYN,ACK does not come', () => {
  const { synQueue, established, unrepeated } = only(`
    0.0 > S  0
    0.0 < SA 0 1
    1.0 < SA 0 1
    3.0 < SA 0 1
    9.0 > R  0 port=41000
  `);
  expect([said(synQueue), synQueue.now, established, unrepeated]).toEqual(['0:1 7:0', 0, 0, 0]);
});

test('a half-open connection whose SYN,ACK may still be sent again waits now', () => {
  const { synQueue } = only(`
    0.0 > S  0
    0.0 < SA 0 1
    1.0 < SA 0 1
    2.5 > R  0 port=41000
  `);
  expect(synQueue).toMatchObject({ now: 1, most: 1, mostAt: 0 });
});

test('an answer that is not repeated was not kept: a SYN cookie, or its ACK was not captured', () => {
  const listener = only(`
    0.0 > S  0
    0.0 < SA 0 1
    1.5 > R  0 port=41000
  `);
  expect(listener).toMatchObject({ state: 'LISTEN', unrepeated: 1, established: 0, synQueue: { now: 0, most: 0, history: [] } });
});

test('a RST of the client takes a connection out of the SYN queue', () => {
  expect(said(only('0 > S 0\n0.1 < SA 0 1\n0.2 > R 1').synQueue)).toBe('0:1 0.2:0');
});

test('a refused SYN shows that nobody listens, an unanswered one shows nothing', () => {
  const [closed] = all('0 > S 0\n0.1 < RA 0 1');
  expect(closed).toMatchObject({ state: 'CLOSED', refused: 1, connections: 1, spans: [{ state: 'CLOSED', packet: 2 }] });
  const [silent] = all('0 > S 0\n1 > S 0\n3 > S 0');
  expect(silent).toMatchObject({ state: 'UNKNOWN', unanswered: 1, spans: [] });
});

test('a server that is started, stopped and started again', () => {
  const attempt = (at: number, port: number, answer: string) => `${at} > S 0 port=${port}\n${at + 0.1} < ${answer} port=${port}\n`;
  const listener = only(
    attempt(0, 41000, 'RA 0 1') +
      attempt(1, 41001, 'SA 0 1') +
      attempt(2, 41002, 'SA 0 1') +
      attempt(3, 41003, 'RA 0 1') +
      attempt(4, 41004, 'SA 0 1'),
  );
  expect(spans(listener)).toBe('CLOSED@2-2 LISTEN@4-6 CLOSED@8-8 LISTEN@10-10');
  expect(listener.spans[1]).toMatchObject({ from: { seconds: 1 }, to: { seconds: 2 } });
});

test('SYNs passed over by a full queue are counted once it answers', () => {
  expect(only('0 > S 0\n1 > S 0\n3 > S 0\n3.1 < SA 0 1\n3.2 > A 1 1')).toMatchObject({ ignoredSyns: 2, unanswered: 0, established: 1 });
});

test('a SYN,ACK sent again to a client that has answered twice: there was no room in the accept queue', () => {
  const listener = only(`
    0.000 > S  0
    0.010 < SA 0 1
    0.020 > A  1 1
    0.030 > PA 1 1 100
    1.010 < SA 0 1
    1.020 > A  101 1
  `);
  expect(listener).toMatchObject({ ignoredAcks: 1 });
  expect(listener.acceptQueue.most).toBeLessThanOrEqual(1);
});

test('a SYN,ACK that crossed the client’s answers on a slow way ignored none of them', () => {
  const listener = only(`
    0.0 > S  0
    1.0 > S  0
    1.4 < SA 0 1
    1.5 > A  1 1
    1.6 > PA 1 1 100
    2.4 < SA 0 1
    2.9 < A  1 101
  `);
  expect(listener).toMatchObject({ ignoredAcks: 0, ignoredSyns: 1 });
});

test('a connection that ran before the capture came from no listener that is known', () => {
  expect(all('0 > PA 1 1 100\n0.1 < A 1 101')).toEqual([]);
});

test('both ends opened at once: nobody listened', () => {
  expect(all('0.00 > S 0\n0.01 < S 0\n0.02 > SA 0 1\n0.03 < SA 0 1')).toEqual([]);
});

test('no more listeners are told of than asked for, and how many there are', () => {
  const { tables } = analyse('5 > S 0\n5.1 < SA 0 1');
  expect(listenersOf(tables, 0)).toEqual({ listeners: [], total: 1, origin: { seconds: 5, nanoseconds: 0 } });
});
