import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momentText, readMoment } from './moments.ts';

const seconds = (n: number): bigint => BigInt(n) * 1_000_000_000n;

test('dates as people and Wireshark write them', () => {
  expect(readMoment('1970-01-01')).toBe(0n);
  expect(readMoment('2004-05-13 10:17:07.311224')).toBe(seconds(1_084_443_427) + 311_224_000n);
  expect(readMoment('2004-05-13T12:17:07.311224+02:00')).toBe(seconds(1_084_443_427) + 311_224_000n);
  expect(readMoment('May 13, 2004 10:17:07.311224 UTC')).toBe(seconds(1_084_443_427) + 311_224_000n);
  expect(readMoment('2024-02-29 00:00')).toBe(seconds(1_709_164_800));
  for (const text of [
    '',
    'now',
    '2023-02-29',
    '2024-13-01',
    '2024-01-01 25:00:00',
    'Foo 1, 2004 10:00:00',
    '2024-01-01 10:00:00.1234567890',
  ])
    expect({ text, moment: readMoment(text) }).toEqual({ text, moment: undefined });
});

test('what is written reads back, in any year, and as the calendar of JavaScript has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -30_000_000_000, max: 200_000_000_000 }), fc.nat(999_999_999), (second, nanosecond) => {
      const moment = seconds(second) + BigInt(nanosecond);
      expect(readMoment(momentText(moment))).toBe(moment);
      expect(momentText(moment).slice(0, 19)).toBe(new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' '));
    }),
  );
});
