import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { internetChecksum, transportChecksum } from './checksum.ts';
import { decodeEthernet, type EthernetFrame, encodeEthernet, macAddressAt, parseMacAddress } from './ethernet.ts';
import { decodeIcmp, encodeIcmp, type IcmpMessage } from './icmp.ts';
import { decodeIcmpv6, encodeIcmpv6, type Icmpv6Message } from './icmpv6.ts';
import { ipAddressAt } from './ip-address.ts';
import { decodeIpv4, encodeIpv4, type Ipv4Header } from './ipv4.ts';
import { decodeIpv6, decodeIpv6Fragment, encodeIpv6, encodeIpv6Fragment, type Ipv6Header } from './ipv6.ts';
import { type CookedFrame, decodeCookedV1, decodeCookedV2, encodeCooked } from './linux-cooked.ts';
import { decodeLoopback, encodeLoopback } from './null-loopback.ts';
import type { Result } from './result.ts';
import { type Datagram, decodeDatagram, encodeDatagram } from './udp.ts';
import { describeWireError, type WireError } from './wire-error.ts';

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const payload = fc.uint8Array({ maxLength: 100 });
const v4 = octets(4).map((bytes) => ipAddressAt(bytes, 0, 4));
const v6 = octets(16).map((bytes) => ipAddressAt(bytes, 0, 6));
const pseudoHeader = fc.oneof(fc.record({ src: v4, dst: v4 }), fc.record({ src: v6, dst: v6 }));

const ipv4Header: fc.Arbitrary<Ipv4Header> = fc.record({
  trafficClass: u8,
  identification: u16,
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: fc.nat(0x1fff).map((units) => units * 8),
  ttl: u8,
  protocol: u8,
  src: v4,
  dst: v4,
  options: fc.nat(10).chain((words) => octets(4 * words)),
});

/** Hop-by-hop and destination options of one or two units, and the first fragment. */
const extension = fc.oneof(
  fc.record({ kind: fc.constantFrom(0, 43, 60), body: octets(7).map((body) => Uint8Array.of(0, ...body.slice(1))) }),
  fc.record({ kind: fc.constantFrom(0, 60), body: octets(15).map((body) => Uint8Array.of(1, ...body.slice(1))) }),
  fc.record({ offset: fc.constant(0), moreFragments: fc.boolean(), identification: u32 }).map(encodeIpv6Fragment),
);

const ipv6Header: fc.Arbitrary<Ipv6Header> = fc.record({
  trafficClass: u8,
  flowLabel: fc.nat(0xfffff),
  hopLimit: u8,
  src: v6,
  dst: v6,
  extensions: fc.array(extension, { maxLength: 3 }),
  protocol: fc.constantFrom(6, 17, 58, 59, 50),
});

const echo = fc.record({
  kind: fc.constantFrom('echo-request' as const, 'echo-reply' as const),
  identifier: u16,
  sequence: u16,
  data: payload,
});

const icmp: fc.Arbitrary<IcmpMessage> = fc.oneof(
  echo,
  fc.record({ kind: fc.constant('unreachable' as const), code: u8, mtu: u16, original: payload }),
  fc.record({ kind: fc.constant('time-exceeded' as const), code: u8, original: payload }),
  fc.record({ kind: fc.constant('other' as const), type: fc.constantFrom(4, 5, 12, 200), code: u8, rest: u32, body: payload }),
);

const icmpv6: fc.Arbitrary<Icmpv6Message> = fc.oneof(
  echo,
  fc.record({ kind: fc.constant('unreachable' as const), code: u8, original: payload }),
  fc.record({ kind: fc.constant('packet-too-big' as const), mtu: u32, original: payload }),
  fc.record({ kind: fc.constant('time-exceeded' as const), code: u8, original: payload }),
  fc.record({ kind: fc.constant('other' as const), type: fc.constantFrom(133, 134, 135, 136), code: u8, rest: u32, body: payload }),
);

const mac = octets(6).map((bytes) => macAddressAt(bytes, 0));
const ethernet: fc.Arbitrary<EthernetFrame> = fc.record({
  dst: mac,
  src: mac,
  tags: fc.array(fc.record({ tpid: fc.constantFrom(0x8100, 0x88a8), priority: fc.nat(7), dropEligible: fc.boolean(), id: fc.nat(0xfff) }), {
    maxLength: 3,
  }),
  etherType: fc.constantFrom(0x0800, 0x86dd, 0x0806, 100),
  payload,
});

const cooked: fc.Arbitrary<CookedFrame> = fc.record({
  packetType: fc.nat(4),
  hardwareType: u16,
  address: octets(8),
  addressLength: fc.nat(8),
  etherType: u16,
  interfaceIndex: fc.option(u32, { nil: undefined }),
  payload,
});

const datagram: fc.Arbitrary<Datagram> = fc.record({ srcPort: u16, dstPort: u16, payload });

describe('what is printed reads back the same', () => {
  test('IPv4, with a header checksum that holds', () => {
    fc.assert(
      fc.property(ipv4Header, payload, (header, content) => {
        const bytes = encodeIpv4(header, content);
        expect(internetChecksum(bytes, 0, 20 + header.options.length)).toBe(0);
        expect(decodeIpv4(bytes)).toEqual({ ok: true, value: { header, payload: content } });
        const padded = Uint8Array.of(...bytes, 0, 0, 0); // the link's padding is not the packet's
        expect(decodeIpv4(padded)).toEqual({ ok: true, value: { header, payload: content } });
      }),
    );
  });

  test('IPv6 with extension headers', () => {
    fc.assert(
      fc.property(ipv6Header, payload, (header, content) => {
        expect(decodeIpv6(encodeIpv6(header, content))).toEqual({ ok: true, value: { header, payload: content } });
      }),
    );
  });

  test('an IPv6 fragment header', () => {
    const fragment = { offset: 1448, moreFragments: true, identification: 0xdeadbeef };
    expect(decodeIpv6Fragment(encodeIpv6Fragment(fragment).body)).toEqual(fragment);
  });

  test('UDP, whose checksum is never zero on the wire', () => {
    fc.assert(
      fc.property(datagram, pseudoHeader, (sent, addresses) => {
        const bytes = encodeDatagram(sent, addresses);
        expect(transportChecksum(addresses, 17, bytes)).toBe(0);
        expect([bytes[6], bytes[7]]).not.toEqual([0, 0]);
        expect(decodeDatagram(bytes)).toEqual({ ok: true, value: sent });
      }),
    );
  });

  test('ICMP', () => {
    fc.assert(
      fc.property(icmp, (message) => {
        const bytes = encodeIcmp(message);
        expect(internetChecksum(bytes)).toBe(0);
        expect(decodeIcmp(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  test('ICMPv6', () => {
    fc.assert(
      fc.property(icmpv6, fc.record({ src: v6, dst: v6 }), (message, addresses) => {
        const bytes = encodeIcmpv6(message, addresses);
        expect(transportChecksum(addresses, 58, bytes)).toBe(0);
        expect(decodeIcmpv6(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  test('Ethernet with VLAN tags', () => {
    fc.assert(
      fc.property(ethernet, (frame) => {
        expect(decodeEthernet(encodeEthernet(frame))).toEqual({ ok: true, value: frame });
      }),
    );
  });

  test('Linux cooked frames of both versions', () => {
    fc.assert(
      fc.property(cooked, (frame) => {
        const decode = frame.interfaceIndex === undefined ? decodeCookedV1 : decodeCookedV2;
        expect(decode(encodeCooked(frame))).toEqual({ ok: true, value: frame });
      }),
    );
  });

  test('loopback frames, from machines of either byte order', () => {
    expect(decodeLoopback(Uint8Array.of(2, 0, 0, 0, 9), false)).toEqual({ ok: true, value: { family: 2, payload: Uint8Array.of(9) } });
    fc.assert(
      fc.property(u16, payload, (family, content) => {
        const frame = { family, payload: content };
        expect(decodeLoopback(encodeLoopback(frame), false)).toEqual({ ok: true, value: frame });
        expect(decodeLoopback(encodeLoopback(frame), true)).toEqual({ ok: true, value: frame });
      }),
    );
  });
});

describe('an Ethernet address', () => {
  test('has one spelling', () => {
    expect(parseMacAddress('2:0:0:0:A:1')).toBe('02:00:00:00:0a:01');
    expect(parseMacAddress('02-00-00-00-0a-01')).toBe('02:00:00:00:0a:01');
    expect(parseMacAddress('02:00:00:00:0a')).toBeUndefined();
  });
});

describe('hostile octets', () => {
  const decoders: Record<string, (bytes: Uint8Array) => Result<unknown, WireError>> = {
    ipv4: decodeIpv4,
    ipv6: decodeIpv6,
    udp: decodeDatagram,
    icmp: decodeIcmp,
    icmpv6: decodeIcmpv6,
    ethernet: decodeEthernet,
    cookedV1: decodeCookedV1,
    cookedV2: decodeCookedV2,
    loopback: (bytes) => decodeLoopback(bytes, false),
  };
  const samples = fc.oneof(
    payload,
    fc.tuple(ipv4Header, payload).map(([header, content]) => encodeIpv4(header, content)),
    fc.tuple(ipv6Header, payload).map(([header, content]) => encodeIpv6(header, content)),
    ethernet.map((frame) => encodeEthernet(frame)),
  );

  test.each(Object.keys(decoders))('%s gives a value or an error in words', (name) => {
    fc.assert(
      fc.property(samples, fc.array(fc.tuple(fc.nat(59), u8), { maxLength: 4 }), fc.nat(200), (bytes, changes, length) => {
        const hostile = bytes.slice(0, length);
        for (const [where, octet] of changes) if (where < hostile.length) hostile[where] = octet;
        const result = decoders[name]!(hostile);
        if (!result.ok) expect(describeWireError(result.error)).toMatch(/octets|version|impossible/);
      }),
      { numRuns: 500 },
    );
  });
});
