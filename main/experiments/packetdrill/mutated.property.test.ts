import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runScript } from './run-script.ts';
import { SCRIPTS } from './testing/scripts.ts';

const sources = Object.values(SCRIPTS);
/** Pieces of the language, and of what is none. */
const PIECES = [
  '0',
  '-1',
  '99999999999',
  '+',
  '~',
  '*',
  '.',
  '...',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '<',
  '>',
  '|',
  '=',
  '"',
  '`',
  '%{',
  '}%',
  '/*',
  '//',
  '--define=',
  ' ack ',
  ' win 0',
  'S.',
  'R',
  ' sack 9:1',
  ' 1:1(0)',
  'close',
  'MSG_FASTOPEN',
  '\n',
  '\u0000',
  'é',
  '0x',
  '+9999',
] as const;

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.integer({ min: 0, max: 12 }),
  insert: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 }), fc.integer({ min: -1e10, max: 1e10 }).map(String)),
});

function mutate(source: string, mutations: readonly { at: number; drop: number; insert: string }[]): string {
  let text = source;
  for (const { at, drop, insert } of mutations) {
    const place = Math.floor(at * text.length);
    text = text.slice(0, place) + insert + text.slice(place + drop);
  }
  return text;
}

test('2,000 mutated scripts end with a verdict', { timeout: 120_000 }, () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...sources), fc.array(mutation, { minLength: 1, maxLength: 4 }), (source, mutations) => {
      const verdict = runScript({ source: mutate(source, mutations), version: '4', defines: new Map(), readFile: () => undefined });
      kinds.add(verdict.kind);
      expect(verdict.message ?? '').not.toContain('the engine broke down');
      expect(verdict.passed).toBe(verdict.message === undefined);
    }),
    { numRuns: 2000, seed: 1 },
  );
  expect([...kinds].sort()).toEqual(['content', 'mistake', 'passed', 'timing', 'unsupported']);
});
