import fc from 'fast-check';
import { expect, test } from 'vitest';
import { membersOf, toJson } from './json.ts';

test('an instant is a number with all nine digits', () => {
  expect(toJson({ start: { seconds: 1_700_000_000, nanoseconds: 18 }, end: { seconds: -1, nanoseconds: 500_000_000 } })).toBe(
    '{"start":1700000000.000000018,"end":-1.500000000}',
  );
});

test('what has more than an instant has, or only looks like one within a string, stays as it is', () => {
  const others = [{ seconds: 1, nanoseconds: 2, more: 3 }, '{"seconds":1,"nanoseconds":2}', { nanoseconds: 5 }];
  expect(toJson(others)).toBe(JSON.stringify(others));
});

test('anything else is the JSON it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(toJson(value)).toBe(JSON.stringify(value));
    }),
  );
});

test('members come without braces, all or all but one', () => {
  const record = { a: 1, b: [true], c: { seconds: 2, nanoseconds: 3 } };
  expect(membersOf(record)).toBe('"a":1,"b":[true],"c":2.000000003');
  expect(membersOf(record, 'b')).toBe('"a":1,"c":2.000000003');
});
