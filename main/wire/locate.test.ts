import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEthernet, macAddressAt } from './ethernet.ts';
import { ip } from './ip-address.ts';
import { encodeIpv4, type Ipv4Header } from './ipv4.ts';
import { type ExtensionHeader, encodeIpv6, encodeIpv6Fragment } from './ipv6.ts';
import { LinkType } from './link-type.ts';
import { encodeCooked } from './linux-cooked.ts';
import { emptyLocated, type Located, locateTcp, type Verdict } from './locate.ts';
import { encodeLoopback } from './null-loopback.ts';

const SEGMENT = Uint8Array.from({ length: 30 }, (_, i) => (i === 12 ? 0x50 : i));

const HEADER: Ipv4Header = {
  trafficClass: 0,
  identification: 1,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  ttl: 64,
  protocol: 6,
  src: ip('10.0.0.1'),
  dst: ip('10.0.0.2'),
  options: new Uint8Array(0),
};
const ipv4 = (changes: Partial<Ipv4Header> = {}): Uint8Array => encodeIpv4({ ...HEADER, ...changes }, SEGMENT);
const ipv6 = (...extensions: ExtensionHeader[]): Uint8Array =>
  encodeIpv6({ trafficClass: 0, flowLabel: 0, hopLimit: 64, src: ip('::1'), dst: ip('::2'), extensions, protocol: 6 }, SEGMENT);

const mac = macAddressAt(Uint8Array.of(2, 0, 0, 0, 0, 1), 0);
const ethernet = (etherType: number, payload: Uint8Array, ...ids: number[]): Uint8Array =>
  encodeEthernet({
    dst: mac,
    src: mac,
    tags: ids.map((id) => ({ tpid: 0x8100, priority: 0, dropEligible: false, id })),
    etherType,
    payload,
  });
const cooked = (interfaceIndex: number | undefined, etherType: number, payload: Uint8Array): Uint8Array =>
  encodeCooked({ packetType: 0, hardwareType: 1, address: new Uint8Array(8), addressLength: 6, etherType, interfaceIndex, payload });
const bytes = (hex: string, payload: Uint8Array): Uint8Array => Uint8Array.of(...Buffer.from(hex.replaceAll(' ', ''), 'hex'), ...payload);

function locate(frame: Uint8Array, linkType: number, onWire?: number): Located & { verdict: Verdict } {
  const out = emptyLocated();
  // Somewhere inside a larger buffer, as frames of a batch lie.
  const data = new Uint8Array(frame.length + 20).fill(0xff);
  data.set(frame, 7);
  const verdict = locateTcp(data, 7, frame.length, linkType, out, onWire);
  return { ...out, ip: out.ip - 7, tcp: out.tcp - 7, verdict };
}

describe('finds the segment behind every link layer', () => {
  const rows: [string, number, Uint8Array, number][] = [
    ['Ethernet', LinkType.ETHERNET, ethernet(0x0800, ipv4()), 14],
    ['Ethernet and IPv6', LinkType.ETHERNET, ethernet(0x86dd, ipv6()), 14],
    ['Ethernet with a VLAN tag', LinkType.ETHERNET, ethernet(0x0800, ipv4(), 10), 18],
    ['Ethernet with two', LinkType.ETHERNET, ethernet(0x0800, ipv4(), 10, 20), 22],
    ['IEEE 802.3 with SNAP', LinkType.ETHERNET, ethernet(58, bytes('aaaa03 000000 0800', ipv4())), 22],
    ['PPPoE', LinkType.ETHERNET, ethernet(0x8864, bytes('1100 0001 0034 0021', ipv4())), 22],
    ['two MPLS labels', LinkType.ETHERNET, ethernet(0x8847, bytes('00010000 000201ff', ipv4())), 22],
    ['FabricPath', LinkType.ETHERNET, ethernet(0x8903, bytes('0001', ethernet(0x0800, ipv4()))), 30],
    ['BSD loopback, little-endian', LinkType.NULL, bytes('02000000', ipv4()), 4],
    ['BSD loopback, big-endian', LinkType.NULL, encodeLoopback({ family: 2, payload: ipv4() }), 4],
    ['macOS loopback and IPv6', LinkType.NULL, bytes('1e000000', ipv6()), 4],
    ['OpenBSD loopback', LinkType.LOOP, encodeLoopback({ family: 24, payload: ipv6() }), 4],
    ['Linux cooked', LinkType.LINUX_SLL, cooked(undefined, 0x0800, ipv4()), 16],
    ['Linux cooked v2', LinkType.LINUX_SLL2, cooked(1, 0x86dd, ipv6()), 20],
    ['raw IP', LinkType.RAW, ipv6(), 0],
    ['raw IP under its old number', 12, ipv4(), 0],
    ['raw IPv4', LinkType.IPV4, ipv4(), 0],
    ['raw IPv6', LinkType.IPV6, ipv6(), 0],
    ['PPP', LinkType.PPP, bytes('ff03 0021', ipv4()), 4],
    ['PPP, compressed', LinkType.PPP, bytes('57', ipv6()), 1],
    ['PPP in HDLC framing', LinkType.PPP_HDLC, bytes('ff03 0057', ipv6()), 4],
    ['PPPoE alone', LinkType.PPP_ETHER, bytes('1100 0001 0034 0021', ipv4()), 8],
    ['FDDI', LinkType.FDDI, bytes('50 020000000001 020000000002 aaaa03 000000 0800', ipv4()), 21],
    ['IEEE 802.11', LinkType.IEEE802_11, bytes(`0801 0000 ${'00'.repeat(20)} aaaa03 000000 0800`, ipv4()), 32],
    ['IEEE 802.11 with QoS', LinkType.IEEE802_11, bytes(`8801 0000 ${'00'.repeat(22)} aaaa03 000000 86dd`, ipv6()), 34],
    ['radiotap', LinkType.IEEE802_11_RADIOTAP, bytes(`0000 0900 00000000 00 0801 0000 ${'00'.repeat(20)} aaaa03 000000 0800`, ipv4()), 41],
    [
      'radiotap that says that the payload is aligned',
      LinkType.IEEE802_11_RADIOTAP,
      // A second word of fields, a clock, then the flags.
      bytes(`0000 1900 03000080 00000000 00000000 ${'00'.repeat(8)} 20 8801 0000 ${'00'.repeat(22)} 0000 aaaa03 000000 0800`, ipv4()),
      61,
    ],
  ];
  test.each(rows)('%s', (_name, linkType, frame, ipOffset) => {
    const found = locate(frame, linkType);
    const ipHeaderLength = found.ipVersion === 4 ? 20 : 40;
    expect(found).toMatchObject({
      verdict: 'tcp',
      ip: ipOffset,
      ipHeaderLength,
      tcp: ipOffset + ipHeaderLength,
      tcpLength: 30,
      captured: 30,
    });
  });

  test.each(rows)('%s, cut anywhere, is never read beyond its end', (_name, linkType, frame) => {
    for (let length = 0; length < frame.length; length++) {
      const found = locate(frame.slice(0, length), linkType);
      if (found.verdict === 'tcp') expect(found.tcp + found.captured).toBeLessThanOrEqual(Math.max(length, found.tcp));
      else expect(['malformed', 'not-tcp']).toContain(found.verdict);
    }
  });
});

describe('what lies between link and segment', () => {
  test('the outermost VLAN id is noted, and -1 without a tag', () => {
    expect(locate(ethernet(0x0800, ipv4(), 10, 20), LinkType.ETHERNET).vlan).toBe(10);
    expect(locate(ethernet(0x0800, ipv4()), LinkType.ETHERNET).vlan).toBe(-1);
  });

  test('IPv4 options', () => {
    const found = locate(ipv4({ options: new Uint8Array(8) }), LinkType.RAW);
    expect(found).toMatchObject({ verdict: 'tcp', ipHeaderLength: 28, tcp: 28, tcpLength: 30 });
  });

  test('an authentication header, in IPv4 as in IPv6', () => {
    const authentication = bytes('06 04 0000 00000001 00000001 000000000000000000000000', SEGMENT);
    expect(locate(encodeIpv4({ ...HEADER, protocol: 51 }, authentication), LinkType.RAW)).toMatchObject({
      verdict: 'tcp',
      tcp: 44,
      tcpLength: 30,
    });
    expect(locate(encodeIpv4({ ...HEADER, protocol: 51 }, bytes('06 ff', new Uint8Array(10))), LinkType.RAW).verdict).toBe('malformed');
    const again = bytes('33 01 0000 00000001 00000001'.repeat(1000), SEGMENT);
    expect(locate(encodeIpv4({ ...HEADER, protocol: 51 }, again), LinkType.RAW).verdict).toBe('not-tcp');
  });

  test('IPv6 extension headers', () => {
    const found = locate(
      ipv6({ kind: 0, body: Uint8Array.of(1, ...new Uint8Array(14)) }, { kind: 60, body: new Uint8Array(7) }),
      LinkType.RAW,
    );
    expect(found).toMatchObject({ verdict: 'tcp', ipHeaderLength: 64, tcp: 64, tcpLength: 30, fragment: false });
  });

  test('padding of the link is not TCP', () => {
    const found = locate(Uint8Array.of(...ethernet(0x0800, ipv4()), 0, 0, 0, 0), LinkType.ETHERNET);
    expect(found).toMatchObject({ tcpLength: 30, captured: 30 });
  });

  test('a snapshot length leaves the claimed length as it was', () => {
    expect(locate(ipv4().slice(0, 40), LinkType.RAW)).toMatchObject({ verdict: 'tcp', tcpLength: 30, captured: 20 });
  });
});

describe('fragments', () => {
  test('the first one has the TCP header', () => {
    expect(locate(ipv4({ moreFragments: true }), LinkType.RAW)).toMatchObject({ verdict: 'tcp', fragment: true });
    const first = encodeIpv6Fragment({ offset: 0, moreFragments: true, identification: 1 });
    expect(locate(ipv6(first), LinkType.RAW)).toMatchObject({ verdict: 'tcp', fragment: true, tcp: 48 });
  });

  test('a later one has not', () => {
    expect(locate(ipv4({ fragmentOffset: 1480 }), LinkType.RAW)).toMatchObject({ verdict: 'not-tcp', fragment: true });
    const later = encodeIpv6Fragment({ offset: 1448, moreFragments: false, identification: 1 });
    expect(locate(ipv6(later), LinkType.RAW)).toMatchObject({ verdict: 'not-tcp', fragment: true });
  });

  test('an atomic fragment (RFC 6946) is a whole packet', () => {
    const atomic = encodeIpv6Fragment({ offset: 0, moreFragments: false, identification: 1 });
    expect(locate(ipv6(atomic), LinkType.RAW)).toMatchObject({ verdict: 'tcp', fragment: false });
  });
});

describe('lengths that segmentation offload leaves out', () => {
  test('IPv4 total length zero: the frame tells, also where it was cut', () => {
    const packet = ipv4();
    packet.set([0, 0], 2);
    expect(locate(packet, LinkType.RAW)).toMatchObject({ verdict: 'tcp', tcpLength: 30, captured: 30 });
    expect(locate(packet, LinkType.RAW, 70_020)).toMatchObject({ verdict: 'tcp', tcpLength: 70_000, captured: 30 });
  });

  test('IPv6 payload length zero, with a jumbo option and without', () => {
    const bare = ipv6();
    bare.set([0, 0], 4);
    expect(locate(bare, LinkType.RAW, 70_040)).toMatchObject({ verdict: 'tcp', tcpLength: 70_000, captured: 30 });
    const jumbo = ipv6({ kind: 0, body: Uint8Array.of(0, 0xc2, 4, 0, 1, 0, 8) });
    jumbo.set([0, 0], 4);
    expect(locate(jumbo, LinkType.RAW)).toMatchObject({ verdict: 'tcp', tcpLength: 0x1_0008 - 8, captured: 30 });
  });
});

describe('what is no TCP, or cannot be read', () => {
  const rows: [string, number, Uint8Array, Verdict, string][] = [
    ['ARP', LinkType.ETHERNET, ethernet(0x0806, new Uint8Array(28)), 'not-tcp', ''],
    ['UDP', LinkType.RAW, ipv4({ protocol: 17 }), 'not-tcp', ''],
    ['an unknown link', 147, ipv4(), 'unsupported-link', ''],
    ['half an Ethernet header', LinkType.ETHERNET, new Uint8Array(10), 'malformed', 'link-layer header cut off'],
    ['no frame at all', LinkType.ETHERNET, new Uint8Array(0), 'malformed', 'link-layer header cut off'],
    ['IP version 5', LinkType.RAW, Uint8Array.of(0x55, ...new Uint8Array(60)), 'malformed', 'IP version is neither 4 nor 6'],
    ['IPv4 header length 16', LinkType.RAW, Uint8Array.of(0x44, ...new Uint8Array(60)), 'malformed', 'IPv4 header length below 20'],
    ['half an IPv4 header', LinkType.RAW, ipv4().slice(0, 12), 'malformed', 'IPv4 header cut off'],
    ['half an IPv6 header', LinkType.RAW, ipv6().slice(0, 30), 'malformed', 'IPv6 header cut off'],
  ];
  test.each(rows)('%s', (_name, linkType, frame, verdict, reason) => {
    expect(locate(frame, linkType)).toMatchObject({ verdict, reason });
  });

  test('a total length below the header', () => {
    const packet = ipv4();
    packet.set([0, 19], 2);
    expect(locate(packet, LinkType.RAW)).toMatchObject({ verdict: 'malformed', reason: 'IPv4 total length below its header length' });
  });

  test('mutated frames give a verdict and stay inside the frame', () => {
    const out = emptyLocated();
    const linkTypes = Object.values(LinkType);
    const frame = fc.constantFrom(
      ethernet(0x0800, ipv4(), 10),
      ethernet(0x86dd, ipv6({ kind: 0, body: new Uint8Array(7) })),
      cooked(1, 0x0800, ipv4()),
      ipv4(),
      ipv6(),
    );
    const changes = fc.array(fc.tuple(fc.nat(70), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(frame, changes, fc.nat(120), fc.constantFrom(...linkTypes), (sample, edits, length, linkType) => {
        const hostile = sample.slice(0, length);
        for (const [where, octet] of edits) if (where < hostile.length) hostile[where] = octet;
        const verdict = locateTcp(hostile, 0, hostile.length, linkType, out);
        expect(verdict === 'malformed').toBe(out.reason !== '');
        if (verdict === 'tcp') {
          expect(out.captured).toBeLessThanOrEqual(out.tcpLength);
          if (out.captured > 0) expect(out.tcp + out.captured).toBeLessThanOrEqual(hostile.length);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
