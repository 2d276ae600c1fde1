import { expect, test } from 'vitest';
import { connection, events } from '../testing/conversation.ts';
import { EVENTS } from '../testing/event-scripts.ts';

test.each(EVENTS)('$name', ({ script, events: expected }) => {
  expect(events(connection(script))).toBe(expected);
});

test('a duplicate ACK says which one it is, and of what', () => {
  const record = connection(EVENTS.find(({ name }) => name.startsWith('a fast retransmission'))!.script);
  expect(record.events.filter(({ kind }) => kind === 'duplicate-ack')).toMatchObject([
    { packet: 9, from: 'server', ordinal: 1, refersTo: 6 },
    { packet: 10, from: 'server', ordinal: 2, refersTo: 6 },
  ]);
});

test('a handshake refers to the SYN that began it', () => {
  const [handshake] = connection('0 > S 0\n1 > S 0\n1.1 < SA 0 1\n1.2 > A 1 1').events.filter(({ kind }) => kind === 'handshake');
  expect(handshake).toMatchObject({ packet: 4, from: 'client', refersTo: 2, at: { seconds: 1, nanoseconds: 200_000_000 } });
});
