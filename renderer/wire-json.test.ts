import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from './wire-json.ts';

test('octets travel as base64 under $octets', () => {
  expect(encodeMessage({ id: 1, input: { octets: Uint8Array.of(0, 255, 16) } })).toBe('{"id":1,"input":{"octets":{"$octets":"AP8Q"}}}');
});

test('octets of every length and value come back as they went', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      expect(decodeMessage(encodeMessage({ deep: [{ octets }] }))).toEqual({ deep: [{ octets }] });
    }),
  );
});

test('a file larger than one call of fromCharCode comes back whole', () => {
  const octets = new Uint8Array(200_001).map((_, i) => i * 7);
  expect(decodeMessage(encodeMessage(octets))).toEqual(octets);
});

test('an object that only resembles wrapped octets stays an object', () => {
  const message = { $octets: 'AP8Q', name: 'x' };
  expect(decodeMessage(JSON.stringify(message))).toEqual(message);
});

test('text that is not base64 is refused by name', () => {
  expect(() => decodeMessage('{"$octets":"%%%"}')).toThrow('octets in a message are not base64');
});
