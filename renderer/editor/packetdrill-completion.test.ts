import { describe, expect, test } from 'vitest';
import { REFERENCE } from '../../main/experiments/packetdrill/reference.ts';
import { callAround, isInCode, suggestionsFor } from './packetdrill-completion.ts';

const labels = (before: string, code = false) => suggestionsFor(before, code, REFERENCE).all.map(({ label }) => label);

describe('a line goes on', () => {
  test.each([
    ['', '+0'],
    ['+', '+0.1'],
    ['--to', '--tolerance_usecs'],
    ['+0 ', 'socket'],
    ['+0 li', 'listen'],
    ['+.1 ', '< S'],
    ['+0...0.5 ', 'read'],
    ['+.2~+.3 ', '> P.'],
    ['* > ', 'P'],
    ['+0 < ', 'S'],
    ['+0 > P', 'P'],
    ['+0 < S 0:0(0) ', 'win'],
    ['+0 < S 0:0(0) win 100 <', 'sackOK'],
    ['+0 < S 0:0(0) win 100 <mss 1000,', 'wscale 7'],
    ['+0 socket(..., ', 'SOCK_STREAM'],
    ['+0 setsockopt(3, SOL_TCP, TCP_', 'TCP_NODELAY'],
    ['+0 setsockopt(3, ', 'SOL_TCP'],
    ['+0 poll([{fd=4, events=POLL', 'POLLIN'],
    ['+0 shutdown(4, SHUT', 'SHUT_WR'],
    ['+0 connect(3, ..., ...) = -1 E', 'EINPROGRESS'],
  ])('%j with %s', (before, label) => {
    expect(labels(before)).toContain(label);
  });

  test('a call with its signature, what it does, and an example that is whole', () => {
    const { all, replaces } = suggestionsFor('+0 lis', false, REFERENCE);
    expect(replaces).toBe(3);
    expect(all.find(({ label }) => label === 'listen')).toMatchObject({
      insert: 'listen(3, 1) = 0',
      signature: 'listen(fd, backlog)',
      about: expect.stringContaining('accept()'),
    });
  });

  test('an argument that is one of a few words with no others', () => {
    expect(labels('+0 shutdown(4, ')).toEqual(['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']);
  });

  test('code with the fields of tcp_info', () => {
    expect(labels('assert tcpi_', true)).toContain('tcpi_snd_cwnd');
    expect(isInCode('+0 %{ assert 1 }%\n+0 %{ assert ')).toBe(true);
    expect(isInCode('+0 %{ assert 1 }%\n+0 ')).toBe(false);
  });

  test('nothing in a comment', () => {
    expect(labels('// the ')).toEqual([]);
  });
});

test.each([
  ['+0 listen(', 'listen', 0],
  ['+0 listen(3, ', 'listen', 1],
  ['+0 poll([{fd=4, events=POLLIN}], ', 'poll', 1],
  ['+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, "a,b", ', 'setsockopt', 4],
])('the cursor behind %j is in %s, argument %i', (before, name, argument) => {
  expect(callAround(before)).toEqual({ name, argument });
});

test('behind its parentheses a call is over', () => {
  expect(callAround('+0 listen(3, 1) = ')).toBeUndefined();
});
