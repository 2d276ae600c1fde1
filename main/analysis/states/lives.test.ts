import { expect, test } from 'vitest';
import { TRANSITIONS } from '../../tcp-model/transitions.ts';
import { connection, events, life } from '../testing/conversation.ts';
import { LIVES } from '../testing/lives.ts';

test.each(LIVES)('$name', ({ script, client, server, events: expected }) => {
  const record = connection(script);
  expect(life(record.states.client)).toBe(client);
  expect(life(record.states.server)).toBe(server);
  expect(events(record)).toBe(expected);
});

test('sequence numbers that wrap change nothing', () => {
  for (const { script, client, server } of LIVES.filter(({ name }) => name !== 'refused')) {
    for (const start of [0xffffffff, 0xfffffff0, 0xffffffa0, 0x7fffffff, 0]) {
      const record = connection(script, { client: start, server: start });
      expect(life(record.states.client)).toBe(client);
      expect(life(record.states.server)).toBe(server);
    }
  }
});

/** What no segment shows: calls that send nothing, and patience that ends in silence. */
const INVISIBLE = [
  'CLOSED passive-open LISTEN',
  'LISTEN active-open SYN-SENT',
  'LISTEN close CLOSED',
  'LISTEN abort CLOSED',
  'SYN-SENT close CLOSED',
  'SYN-RECEIVED user-timeout CLOSED',
  'ESTABLISHED user-timeout CLOSED',
  'FIN-WAIT-1 user-timeout CLOSED',
  'FIN-WAIT-2 user-timeout CLOSED',
  'FIN-WAIT-2 fin-wait-2-timeout CLOSED',
  'CLOSE-WAIT user-timeout CLOSED',
  'CLOSING user-timeout CLOSED',
  'LAST-ACK user-timeout CLOSED',
  // A SYN with a new number starts a connection of its own here, as in Wireshark.
  'SYN-RECEIVED syn LISTEN',
  'TIME-WAIT syn SYN-RECEIVED',
  'TIME-WAIT active-open SYN-SENT',
];

test('the lives above take every row of the transition table that packets can show', () => {
  const taken = new Set(
    LIVES.flatMap(({ script }) => {
      const { client, server } = connection(script).states;
      return [client, server].flatMap((spans) => spans.slice(1).map((span, i) => `${spans[i]!.state} ${span.trigger} ${span.state}`));
    }),
  );
  const visible = TRANSITIONS.map((t) => `${t.from} ${t.trigger} ${t.to}`).filter((row) => !INVISIBLE.includes(row));
  expect([...taken].sort()).toEqual([...new Set(visible)].sort());
});
