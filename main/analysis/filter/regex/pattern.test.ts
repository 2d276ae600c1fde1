import fc from 'fast-check';
import { expect, test } from 'vitest';
import { octetsOf } from '../kinds.ts';
import { PatternFault } from './parse.ts';
import { Pattern } from './pattern.ts';

const finds = (pattern: string, text: string): boolean => new Pattern(pattern).test(octetsOf(text));

test('what PCRE finds without going back', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['get', 'GET /', true],
    ['(?-i)get', 'GET /', false],
    ['(?-i:g)et', 'gET', true],
    ['^HTTP/1\\.[01] 2\\d\\d', 'HTTP/1.1 204 No', true],
    ['^a$', 'a\n', true],
    ['^a\\z', 'a\n', false],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['\\bcat\\b', 'a cat.', true],
    ['\\bcat\\b', 'concat', false],
    ['[[:digit:]]{3}-[^a-f]', 'x123-z', true],
    ['[]a]', ']', true],
    ['[a\\-z]+$', '-', true],
    ['x{2,3}y', 'xy', false],
    ['x{,3}', 'x{,3}', true],
    ['\\x16\\x03[\\x00-\\x04]', '\x16\x03\x01', true],
    ['(?P<name>a)(?:b|c)(?<x>d)?', 'ac', true],
    ['(?x) a b # c\n c', 'abc', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['', '', true],
    ['é', 'a\xc3\xa9b', false],
    ['\xc3\xa9', 'a\xc3\xa9b', true],
  ];
  for (const [pattern, text, found] of cases) expect({ pattern, text, found: finds(pattern, text) }).toEqual({ pattern, text, found });
});

test('what could cost without bound is refused, and where it stands is told', () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ['(a)\\1', 3, 'back references'],
    ['a(?=b)', 1, 'looking around'],
    ['(?>a)', 0, 'atomic'],
    ['a*+', 1, 'possessive'],
    ['(a', 0, 'never closed'],
    ['a)', 1, 'closes nothing'],
    ['*a', 0, 'nothing for "*"'],
    ['a**', 2, 'repeats a repetition'],
    ['[a', 0, 'never closed'],
    ['[z-a]', 1, 'backwards'],
    ['a{3,2}', 1, 'larger number'],
    ['\\x{100}', 0, 'octets'],
    ['((a{1000}){1000}){1000}', 0, 'too large'],
    ['(((()  {1000}){1000}){1000}){1000}', 0, 'too large'],
    ['('.repeat(200), 100, 'nested'],
  ];
  for (const [pattern, at, message] of cases) {
    const fault = (() => {
      try {
        return new Pattern(pattern);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(fault).toBeInstanceOf(PatternFault);
    expect((fault as PatternFault).message).toContain(message);
    expect((fault as PatternFault).at).toBe(at);
  }
});

test('a pattern that makes others go back for ever reads each octet once', () => {
  expect(finds('^(a+)+$', `${'a'.repeat(20_000)}b`)).toBe(false);
  expect(finds('^(a|a)*$', `${'a'.repeat(20_000)}b`)).toBe(false);
  expect(finds('(x+x+)+y', 'x'.repeat(20_000))).toBe(false);
});

/** Patterns that JavaScript understands as PCRE does. */
const patterns = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '[ab]', '[^a]', '\\w', '\\W', '\\b', '^', ' ', ''),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => a + b),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{2,}', '*?')).map(([a, times]) => `(?:${a})${times}`),
  ),
})).node;

test('it finds what a backtracking matcher finds', () => {
  fc.assert(
    fc.property(patterns, fc.string({ unit: fc.constantFrom('a', 'b', ' ', '1'), maxLength: 8 }), (pattern, text) => {
      expect(finds(`(?-i)${pattern}`, text)).toBe(new RegExp(pattern).test(text));
    }),
    { numRuns: 2000 },
  );
});
