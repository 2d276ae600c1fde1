import { expect, test } from 'vitest';
import type { SaidPiece } from '../../preload/contract.ts';
import { asHex, asText, turnsOf } from './said.ts';

const octets = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const say = (from: 'client' | 'server', text: string, frame = 1): SaidPiece => ({ kind: 'octets', from, frame, octets: octets(text) });

test('pieces of one speaker are one turn; a gap stands alone, and counts in the place of what follows', () => {
  const turns = turnsOf([
    say('client', 'GET ', 4),
    say('client', '/\r\n', 5),
    say('server', 'HTTP', 7),
    { kind: 'missing', from: 'server', frame: 9, count: 100 },
    say('server', '!', 10),
    say('client', 'bye', 11),
  ]);
  expect(turns.map(({ kind, from, frame, offset, count, octets: said }) => [kind, from, frame, offset, count, asText(said)])).toEqual([
    ['octets', 'client', 4, 0, 0, 'GET /\n'],
    ['octets', 'server', 7, 0, 0, 'HTTP'],
    ['missing', 'server', 9, 4, 100, ''],
    ['octets', 'server', 10, 104, 0, '!'],
    ['octets', 'client', 11, 7, 0, 'bye'],
  ]);
});

test('a dump has sixteen octets a line, from where they stand', () => {
  expect(asHex(octets('GET / HTTP/1.1\r\nHo'), 32).split('\n')).toEqual([
    '00000020  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1··',
    `00000030  48 6f${' '.repeat(18)}  ${' '.repeat(23)}  Ho`,
  ]);
});
