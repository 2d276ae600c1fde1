import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeJson, writeMembers } from './json.ts';
import { Octets } from './octets.ts';

function json(value: unknown): string {
  const out = new Octets(1); // all of it has to be made room for
  writeJson(value, out);
  return Buffer.from(out.written).toString();
}

test('an instant is a number with all nine digits', () => {
  expect(json({ start: { seconds: 1_700_000_000, nanoseconds: 18 }, end: { seconds: -1, nanoseconds: 500_000_000 } })).toBe(
    '{"start":1700000000.000000018,"end":-1.500000000}',
  );
});

test('what has more than an instant has, or only looks like one within a string, stays as it is', () => {
  const others = [{ seconds: 1, nanoseconds: 2, more: 3 }, '{"seconds":1,"nanoseconds":2}', { nanoseconds: 5 }];
  expect(json(others)).toBe(JSON.stringify(others));
});

test('anything else is the JSON that JSON.stringify has', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(json(value)).toBe(JSON.stringify(value));
    }),
  );
});

test('so are numbers of every size', () => {
  const whole = fc.maxSafeInteger();
  fc.assert(
    fc.property(fc.oneof(fc.double(), whole, fc.integer({ min: -1001, max: 1001 })), (value) => {
      expect(json(value)).toBe(JSON.stringify(value));
    }),
  );
  for (let power = 1; power < 1e25; power *= 10)
    for (const value of [power - 1, power, -power, power + 1]) expect(json(value)).toBe(JSON.stringify(value));
});

test('a member that is undefined is left out, an item of a list is null', () => {
  const value = { first: undefined, list: [undefined, 1], last: undefined, 'näme "': '\ud800é' };
  expect(json(value)).toBe(JSON.stringify(value));
});

test('members come without braces', () => {
  const out = new Octets(1);
  writeMembers({ a: 1, b: [true] }, out);
  expect(Buffer.from(out.written).toString()).toBe('"a":1,"b":[true]');
});
