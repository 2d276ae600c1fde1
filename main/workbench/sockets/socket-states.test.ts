import { expect, test } from 'vitest';
import { TCP_STATES } from '../../tcp-model/states.ts';
import { ALL_STATES, stateOf, statesNamed } from './socket-states.ts';

test('every state by its name in RFC 9293, in any case, and by the kernel’s', () => {
  for (const state of TCP_STATES) {
    expect(statesNamed(state)).toEqual([state]);
    expect(statesNamed(` ${state.toLowerCase()} `)).toEqual([state]);
  }
  const kernels = ['TCP_SYN_RECV', 'TCP_FIN_WAIT1', 'TCP_TIME_WAIT'];
  expect(kernels.map(statesNamed)).toEqual([['SYN-RECEIVED'], ['FIN-WAIT-1'], ['TIME-WAIT']]);
});

test('those of ss, and its groups', () => {
  const words = ['established', 'syn-sent', 'syn-recv', 'fin-wait-1', 'closed', 'unconnected', 'listening', 'listen', 'closing'];
  expect(words.map((word) => statesNamed(word)?.join())).toEqual([
    'ESTABLISHED',
    'SYN-SENT',
    'SYN-RECEIVED',
    'FIN-WAIT-1',
    'CLOSED',
    'CLOSED',
    'LISTEN',
    'LISTEN',
    'CLOSING',
  ]);
  expect(statesNamed('all')).toEqual(TCP_STATES);
  expect(statesNamed('connected')).toHaveLength(TCP_STATES.length - 2);
  expect(statesNamed('synchronized')).toHaveLength(TCP_STATES.length - 3);
  expect(statesNamed('big')).toHaveLength(TCP_STATES.length - 2);
  expect(['', 'SYN', 'constructor', '__proto__'].map(statesNamed)).toEqual([undefined, undefined, undefined, undefined]);
});

test('Linux’s numbers: twelve is half-open, thirteen is bound and closed, and one that is none is closed, too', () => {
  expect([1, 7, 10, 12, 13, 99].map(stateOf)).toEqual(['ESTABLISHED', 'CLOSED', 'LISTEN', 'SYN-RECEIVED', 'CLOSED', 'CLOSED']);
  expect(ALL_STATES).toBe(0b11_1111_1111_1110);
});
