import { expect, test } from 'vitest';
import { complete } from './complete.ts';

/** What is offered where | stands, and the word it replaces. */
function at(marked: string): { readonly word: string; readonly offered: readonly string[] } {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { from, to, items } = complete(text, cursor);
  return { word: text.slice(from, to), offered: items.map((item) => item.text) };
}

test('fields where a field may stand, the names that begin so first', () => {
  const { word, offered } = at('tcp.port == 80 && tcp.fl|');
  expect(word).toBe('tcp.fl');
  expect(offered.slice(0, 3)).toEqual(['tcp.flags', 'tcp.flags.ae', 'tcp.flags.cwr']);
  expect(at('!|').offered).toContain('frame.number');
  expect(at('port|').offered).toEqual(expect.arrayContaining(['tcp.port', 'udp.port']));
  expect(at('up|').offered).toContain('upper(');
});

test('operators after a field, those that its type has', () => {
  expect(at('tcp.port |').offered).toEqual(expect.arrayContaining(['==', 'in {', '&&']));
  expect(at('tcp.port |').offered).not.toContain('matches');
  expect(at('tcp.payload |').offered).toContain('matches');
  expect(at('tcp.analysis.retransmission |').offered).toEqual(['&&', '||']);
});

test('values where they have names, and conjunctions after a value', () => {
  expect(at('tcp.state.client == CLO|').offered).toEqual(['CLOSED', 'CLOSE-WAIT', 'CLOSING']);
  expect(at('tcp.event in {reset, half|').offered).toEqual(['half-close']);
  expect(at('tcp.event not in {|').offered).toContain('retransmission');
  expect(at('tcp.flags.syn == |').offered).toEqual(['1', '0']);
  expect(at('tcp.port == 80 |').offered).toEqual(['&&', '||']);
});

test('the rest of the word behind the cursor is replaced too; within a string there is nothing to offer', () => {
  expect(at('tcp.po|rt == 80').word).toBe('tcp.port');
  expect(at('tcp.payload contains "tcp|').offered).toEqual([]);
  expect(at('tcp.port|').offered).not.toContain('tcp.ports');
});
