import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from '../../../preload/contract.ts';
import { findingsText } from './findings.ts';

const WIDTH = 110;

const noteOf = (text: string): Finding => ({
  kind: 'transfer',
  severity: 'note',
  ambiguous: false,
  packets: [1],
  packetCount: 1,
  from: { seconds: 0, nanoseconds: 0 },
  to: { seconds: 0, nanoseconds: 0 },
  text,
  confirm: '',
});

/** The words of each line of a finding’s text, as it is told. */
function told(text: string): string[][] {
  const [, ...lines] = findingsText([noteOf(text)]).split('\n');
  for (const line of lines) expect(line.slice(0, 7)).toBe('       ');
  return lines.map((line) => line.slice(7).split(' '));
}

const length = (words: readonly string[]): number => words.join(' ').length;

test('a text is broken between words, and into no more lines than it needs', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'é', '’'), minLength: 1, maxLength: 150 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
      const lines = told(words.join(' '));
      expect(lines.flat()).toEqual(words);
      for (const [i, line] of lines.entries()) {
        if (line.length > 1) expect(7 + length(line)).toBeLessThanOrEqual(WIDTH);
        const next = lines[i + 1];
        if (next) expect(7 + length([...line, next[0]!])).toBeGreaterThan(WIDTH);
      }
    }),
  );
});
