import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isField, readFilter } from './filter.ts';
import { describeFilterError } from './filter-error.ts';
import { parse } from './parse.ts';
import { print } from './print.ts';
import type { Expression, Operand } from './syntax.ts';

/** What is told of a filter that is wrong: the words at the caret, and the message. */
function wrong(text: string): { readonly at: string; readonly message: string } {
  const filter = readFilter(text);
  if (filter.ok) throw new Error(`"${text}" should be wrong`);
  const { at, end, message } = filter.error;
  return { at: text.slice(at, end), message };
}

test('an error points at what is wrong and says what was expected', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['tcp.prt == 1', 'tcp.prt', /neither a field nor a protocol. Did you mean tcp.port\?/],
    ['tcp.port = 80', '=', /Equality is written "=="/],
    ['tcp.port == 80 tcp', 'tcp', /expected "&&", "\|\|" or the end/],
    ['tcp.port ==', '', /the filter ends here; expected a field, a value/],
    ['tcp.port == 70000', '70000', /at most 65535/],
    ['tcp.port == "80"', '"80"', /the string "80" is no value for tcp.port \(number\); expected a number/],
    ['tcp.port in {1 2}', '2', /expected "," or "}"/],
    ['tcp.port in 80', '80', /expected a set such as/],
    ['tcp.state.client == CLOSEWAIT', 'CLOSEWAIT', /one of CLOSED, LISTEN/],
    ['tcp.analysis.retransmission == 1', 'tcp.analysis.retransmission', /is a label/],
    ['ip.src == 10.0.0.0/33', '10.0.0.0/33', /a network, such as 10.0.0.1/],
    ['ip.src == tcp.port', 'tcp.port', /cannot be compared with ip.src \(IPv4 address\)/],
    ['tcp.srcport[0] == 1', 'tcp.srcport', /cannot be sliced/],
    ['tcp.payload[5-2]', '5-2', /ends \(2\) before it starts \(5\)/],
    ['tcp.payload[x]', 'x', /is no range/],
    ['tcp.payload[0:4', '[', /never closes/],
    ['tcp.payload contains GET', 'GET', /expected octets such as/],
    ['tcp.payload matches "a("', '"a("', /character 2: this group is never closed/],
    ['tcp.payload matches GET', 'GET', /regular expression in double quotes/],
    ['tcp.port matches "8"', 'tcp.port', /string\(tcp.port\) makes it text/],
    ['frame.time > yesterday', 'yesterday', /a date and time in double quotes/],
    ['frame.time > "2026-02-30 00:00:00"', '"2026-02-30 00:00:00"', /a date and time/],
    ['lem(tcp.payload) > 3', 'lem', /no function "lem"; did you mean len\?/],
    ['len(tcp.port) > 3', 'tcp.port', /len\(\) takes octets or text/],
    ['len(tcp.payload, 3) > 3', '3', /takes one argument/],
    ['ip.src + 1 == 2', 'ip.src', /cannot stand beside "\+"/],
    ['frame.time_delta * frame.time_delta > 1', 'frame.time_delta * frame.time_delta', /does not go with/],
    ['1 == 1', '1 == 1', /neither side of "==" is a field/],
    ['tcp.payload == "a', '"a', /never ends/],
    ['any tcp', '', /a comparison after "any"/],
    ['(tcp', '', /expected "\)"/],
    ['tcp.port == 80 ^^ udp', '^', /no meaning/],
    ['é', 'é', /no meaning/],
    ['ip.addr#2 == 1.1.1.1', '#', /Layers of a protocol cannot be chosen/],
  ];
  for (const [text, at, message] of cases) {
    const told = wrong(text);
    expect({ text, at: told.at }).toEqual({ text, at });
    expect(told.message).toMatch(message);
  }
});

test('the caret stands under the word, in its line', () => {
  const text = 'tcp.port == 80 &&\n  tcp.nosuch == 1';
  const filter = readFilter(text);
  expect(filter.ok ? '' : describeFilterError(text, filter.error)).toBe(
    ['line 2, column 3: "tcp.nosuch" is neither a field nor a protocol.', '      tcp.nosuch == 1', '      ^~~~~~~~~~'].join('\n'),
  );
});

test('a hostile filter ends in one short error', () => {
  const hostile = [
    '!'.repeat(10_000),
    '('.repeat(10_000),
    '-'.repeat(10_000),
    `tcp.port == ${'{'.repeat(10_000)}`,
    `${'len('.repeat(3000)}tcp`,
    `tcp.len${' + 1'.repeat(3000)} == 1`,
    `tcp${'[0:1]'.repeat(3000)}`,
    'tcp || '.repeat(10_000),
    `tcp.payload matches "${'('.repeat(8000)}"`,
    `tcp.payload matches "${'a{1000}'.repeat(1000)}"`,
    `tcp.payload matches "${'[a'.repeat(5000)}"`,
    `tcp.payload == "${'a'.repeat(20_000)}"`,
    `tcp.port == ${'9'.repeat(1000)}`,
    `frame.time_delta == ${'9'.repeat(1000)}`,
    `ipv6.src == ${':'.repeat(1000)}`,
    'a'.repeat(16_000),
    '\u0000\ud800',
  ];
  for (const text of hostile) {
    const filter = readFilter(text);
    expect({ text: text.slice(0, 40), ok: filter.ok }).toEqual({ text: text.slice(0, 40), ok: false });
    if (!filter.ok) expect(describeFilterError(text, filter.error).length).toBeLessThan(20_000);
  }
});

test('a long filter that is not deep is read', () => {
  expect(readFilter(Array.from({ length: 800 }, (_, i) => `tcp.port == ${i}`).join(' || ')).ok).toBe(true);
});

const words = fc.constantFrom(
  'tcp.port',
  'tcp.len',
  'tcp',
  'ip.src',
  '80',
  '0x1f',
  '10.0.0.0/8',
  '::1',
  'fe80::/10',
  '47:45',
  'CLOSE-WAIT',
  '0.5',
);
const span = { at: 0, end: 0 };
const range = fc.oneof(
  fc.record({ start: fc.integer({ min: -9, max: 9 }), length: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }) }),
  fc.record({ start: fc.integer({ min: 0, max: 4 }), length: fc.constant(undefined), last: fc.integer({ min: 4, max: 9 }) }),
);
const octetText = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 6 });

const { operand, expression } = fc.letrec<{ operand: Operand; expression: Expression }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small' },
    words.map((text): Operand => ({ kind: 'word', text, ...span })),
    octetText.map((value): Operand => ({ kind: 'string', value, ...span })),
    fc.integer({ min: 0, max: 255 }).map((code): Operand => ({ kind: 'character', code, ...span })),
    fc
      .tuple(tie('operand'), fc.array(range, { minLength: 1, maxLength: 3 }))
      // A slice of a calculation, or of a slice, is written in brackets, or not at all.
      .map(([of, ranges]): Operand => ({ kind: 'slice', of, ranges, ...span })),
    fc
      .tuple(fc.constantFrom('len', 'max'), fc.array(tie('operand'), { minLength: 1, maxLength: 2 }))
      .map(([name, args]): Operand => ({ kind: 'call', name, args, ...span })),
    tie('operand').map((of): Operand => ({ kind: 'negate', of, ...span })),
    fc
      .tuple(fc.constantFrom('+', '-', '*', '/', '%', '&'), tie('operand'), tie('operand'))
      .map(([op, left, right]): Operand => ({ kind: 'arithmetic', op, left, right, ...span }) as Operand),
  ),
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('operand').map((alone): Expression => ({ kind: 'alone', operand: alone, ...span })),
    fc
      .tuple(
        fc.constantFrom('==', '!=', '===', '!==', '<', '<=', '>', '>=', 'contains', 'matches'),
        fc.constantFrom(undefined, 'any', 'all'),
        tie('operand'),
        tie('operand'),
      )
      .map(([op, quantifier, left, right]): Expression => ({ kind: 'compare', op, quantifier, left, right, ...span }) as Expression),
    fc
      .tuple(
        tie('operand'),
        fc.boolean(),
        fc.array(fc.record({ low: tie('operand'), high: fc.option(tie('operand'), { nil: undefined }) }), { minLength: 1, maxLength: 3 }),
      )
      .map(([left, negated, set]): Expression => ({ kind: 'in', quantifier: undefined, negated, left, set, ...span })),
    tie('expression').map((inner): Expression => ({ kind: 'not', inner, ...span })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('expression'), { minLength: 2, maxLength: 3 }))
      .map(([kind, parts]): Expression => ({ kind, parts, ...span }) as Expression),
  ),
}));
void operand;

/** Where things stand is no part of what they mean. */
const meaning = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, member) => (key === 'at' || key === 'end' ? undefined : member)));

test('what is printed reads back as the same filter', () => {
  fc.assert(
    fc.property(expression, (filter) => {
      const text = print(filter);
      expect(meaning(parse(text, isField))).toEqual(meaning(filter));
    }),
    { numRuns: 1000 },
  );
});

test('any text is a filter or one error within it', () => {
  const pieces = fc.array(
    fc.constantFrom(
      'tcp.port',
      'tcp.payload',
      ' ',
      '==',
      '!',
      '(',
      ')',
      '{',
      '}',
      '[0:4]',
      '[',
      '"',
      "'",
      '\\',
      'in',
      '80',
      '..',
      ',',
      '&&',
      'len(',
      '-',
      '/',
      'matches',
      '"a"',
      'é',
      '#',
      '::1',
      '.',
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('');
      const filter = readFilter(text);
      if (filter.ok) return;
      expect(filter.error.at).toBeGreaterThanOrEqual(0);
      expect(filter.error.at).toBeLessThanOrEqual(text.length);
      expect(filter.error.message).not.toBe('');
    }),
    { numRuns: 3000 },
  );
});
