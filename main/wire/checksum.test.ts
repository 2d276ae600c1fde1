import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldChecksum, internetChecksum, pseudoHeaderSum, sumWords, transportChecksum } from './checksum.ts';
import { ip } from './ip-address.ts';
import { writeU16 } from './octets.ts';

test('the worked example of RFC 1071 §3', () => {
  const octets = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(internetChecksum(octets)).toBe(~0xddf2 & 0xffff);
});

test('an odd last octet counts as the upper half of a word', () => {
  expect(sumWords(Uint8Array.of(0x12, 0x34, 0x56), 0, 3)).toBe(0x1234 + 0x5600);
});

test('a header with its checksum in place sums to zero', () => {
  // An IPv4 header as Linux sent it.
  const header = Uint8Array.from(Buffer.from('45000073000040004011b861c0a80001c0a800c7', 'hex'));
  expect(internetChecksum(header)).toBe(0);
});

test('a packet of any length, filled in, checks out; one changed bit and it does not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 3000 }), fc.nat(), (octets, where) => {
      writeU16(octets, 0, 0);
      writeU16(octets, 0, internetChecksum(octets));
      expect(internetChecksum(octets)).toBe(0);
      octets[where % octets.length]! ^= 1 << (where % 8);
      expect(internetChecksum(octets)).not.toBe(0);
    }),
  );
});

test('the pseudo header binds a segment to its addresses', () => {
  const message = Uint8Array.of(0, 1, 2, 3);
  const v4 = { src: ip('10.0.0.1'), dst: ip('10.0.0.2') };
  expect(pseudoHeaderSum(v4, 6, 4)).toBe(0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 4);
  const v6 = { src: ip('::1'), dst: ip('::2') };
  expect(pseudoHeaderSum(v6, 6, 0x1_0004)).toBe(1 + 2 + 6 + 1 + 4);
  expect(transportChecksum(v4, 6, message)).toBe(foldChecksum(pseudoHeaderSum(v4, 6, 4) + 1 + 0x0203));
});
