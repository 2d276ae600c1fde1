import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareIpAddresses, type IpAddress, ip, ipAddressAt, ipAddressBytes, ipVersionOf, parseIpAddress } from './ip-address.ts';

const octets4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Mostly zeros, so that runs of zero groups of every length and place come up. */
const octets16 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.constant(0xffff), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));

describe('an address is its text', () => {
  test.each([
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::', '::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // the first of two equal runs
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // one zero group is not shortened
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['fe80::0', 'fe80::'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s reads as %s', (written, address) => {
    expect(parseIpAddress(written)).toBe(address);
  });

  test.each(['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '12345::'])(
    '"%s" is no address',
    (text) => {
      expect(parseIpAddress(text)).toBeUndefined();
    },
  );

  test.each(['fe80::1%lo', '1:2:3:4:5:6:7::8', '1.2.3.4::', '::1.2.3', 'g::', ' ::1', '-1.0.0.0'])('"%s" is no address either', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  test('octets to text and back, both versions', () => {
    fc.assert(
      fc.property(fc.oneof(octets4, octets16), (octets) => {
        const version = octets.length === 4 ? 4 : 6;
        const address = ipAddressAt(octets, 0, version);
        expect(ipVersionOf(address)).toBe(version);
        expect(parseIpAddress(address)).toBe(address);
        expect(ipAddressBytes(address)).toEqual(octets);
      }),
    );
  });

  test('IPv6 reads exactly as the C library prints it', () => {
    fc.assert(
      fc.property(octets16, (octets) => {
        const groups = Array.from({ length: 8 }, (_, i) => ((octets[2 * i]! << 8) | octets[2 * i + 1]!).toString(16));
        expect(ipAddressAt(octets, 0, 6)).toBe(new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address);
      }),
      { numRuns: 500 },
    );
  });

  test('any text gives an address or undefined', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdefg.:%') }), (text) => {
        const address = parseIpAddress(text);
        if (address !== undefined) expect(parseIpAddress(address)).toBe(address);
      }),
      { numRuns: 2000 },
    );
  });

  test('a misspelt address in the source is a bug', () => {
    expect(() => ip('10.0.0')).toThrow('not an IP address: 10.0.0');
  });

  test('sorts by value, IPv4 first', () => {
    const sorted = ['10.0.0.2', '10.0.0.10', '9.255.0.0', '::2', '::a', '::1'].map((text) => ip(text)).sort(compareIpAddresses);
    expect(sorted).toEqual<IpAddress[]>(['9.255.0.0', '10.0.0.2', '10.0.0.10', '::1', '::2', '::a'].map((text) => ip(text)));
  });
});
