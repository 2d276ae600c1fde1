import { describe, expect, test } from 'vitest';
import { foldChecksum, pseudoHeaderSum, transportChecksum } from './checksum.ts';
import { ip } from './ip-address.ts';
import { encodeIpv4 } from './ipv4.ts';
import { encodeIpv6 } from './ipv6.ts';
import { LinkType } from './link-type.ts';
import { emptyLocated, locateTcp } from './locate.ts';
import { hasPartialChecksum, tcpChecksumStatus } from './tcp-checksum.ts';

const ends = { ipv4: { src: ip('192.0.2.1'), dst: ip('198.51.100.2') }, ipv6: { src: ip('2001:db8::1'), dst: ip('2001:db8::2') } };

function packet(version: 'ipv4' | 'ipv6', payload: number, checksum: (segment: Uint8Array) => number): Uint8Array {
  const segment = new Uint8Array(20 + payload).map((_, i) => (i * 37) & 0xff);
  segment.set([0x50, 0x18], 12);
  segment.set([0, 0], 16);
  new DataView(segment.buffer).setUint16(16, checksum(segment));
  return version === 'ipv4'
    ? encodeIpv4(
        {
          trafficClass: 0,
          identification: 7,
          dontFragment: true,
          moreFragments: false,
          fragmentOffset: 0,
          ttl: 64,
          protocol: 6,
          options: new Uint8Array(0),
          ...ends.ipv4,
        },
        segment,
      )
    : encodeIpv6({ trafficClass: 0, flowLabel: 0, hopLimit: 64, extensions: [], protocol: 6, ...ends.ipv6 }, segment);
}

function judged(octets: Uint8Array, captured = octets.length) {
  const located = emptyLocated();
  expect(locateTcp(octets, 0, captured, LinkType.RAW, located, octets.length)).toBe('tcp');
  return { status: tcpChecksumStatus(octets, located), partial: hasPartialChecksum(octets, located) };
}

describe.each(['ipv4', 'ipv6'] as const)('over %s', (version) => {
  const right = (segment: Uint8Array) => transportChecksum(ends[version], 6, segment);

  test.each([0, 1, 999, 1000])('a right one, with %i octets of payload', (payload) => {
    expect(judged(packet(version, payload, right))).toEqual({ status: 'good', partial: false });
  });

  test('one changed octet', () => {
    const octets = packet(version, 100, right);
    octets[octets.length - 3]! ^= 0x10;
    expect(judged(octets)).toEqual({ status: 'bad', partial: false });
  });

  test('left to the network card: the pseudo header, with the length and without, or nothing', () => {
    const sums = [120, 0].map((length) => ~foldChecksum(pseudoHeaderSum(ends[version], 6, length)) & 0xffff);
    for (const partial of [...sums, 0]) {
      expect(judged(packet(version, 100, () => partial))).toEqual({ status: 'partial', partial: true });
    }
  });

  test('not all of it was captured: nobody can tell, but the header says that it was left to the card', () => {
    const partial = ~foldChecksum(pseudoHeaderSum(ends[version], 6, 120)) & 0xffff;
    const octets = packet(version, 100, () => partial);
    expect(judged(octets, octets.length - 1)).toEqual({ status: 'unverified', partial: true });
  });
});
