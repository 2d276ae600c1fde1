import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../engine/engine.ts';
import { encodePacket, type Packet } from '../../engine/network/packet.ts';
import { echoServer } from '../../engine/programs/echo-server.ts';
import { internetChecksum, transportChecksum } from '../../wire/checksum.ts';
import { ip, ipv4AddressAt } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { encodeIpv4 } from '../../wire/ipv4.ts';
import { Flag } from '../../wire/segment.ts';
import { seq } from '../../wire/seq.ts';
import { encodeSegment } from '../../wire/tcp-header.ts';
import { ms } from '../../wire/units.ts';
import { TunPlug } from './tun-plug.ts';

const NO_OCTETS = new Uint8Array(0);
const src = ip('10.9.0.1');
const dst = ip('10.9.0.2');
const segment = (payload = NO_OCTETS) => ({
  srcPort: 40_000,
  dstPort: 7,
  seq: seq(1),
  ack: seq(2),
  flags: Flag.ACK,
  window: 100,
  urgent: 0,
  options: [],
  payload,
});
const ipv4 = {
  trafficClass: 0,
  identification: 1,
  dontFragment: false,
  moreFragments: false,
  fragmentOffset: 0,
  ttl: 64,
  protocol: IpProtocol.TCP as number,
  src,
  dst,
  options: NO_OCTETS,
};
const deaf = () => new TunPlug('kernel', () => {});

describe('from the kernel', () => {
  test.each([
    ['IPv4', src, dst],
    ['IPv6', ip('fd09::1'), ip('fd09::2')],
  ])('%s: a segment arrives as it was sent, and outlives the buffer it came in', (_version, from, to) => {
    const octets = encodePacket({ src: from, dst: to, segment: segment(Uint8Array.of(1, 2, 3)) });
    const plug = deaf();
    const packet = plug.read(octets);
    octets.fill(0xff);
    expect(packet).toMatchObject({ src: from, dst: to, segment: segment(Uint8Array.of(1, 2, 3)) });
    expect(plug.counters()).toMatchObject({ in: 1 });
  });

  const tcp = encodeSegment(segment(), { src, dst });
  const flipped = (octets: Uint8Array, at: number) => octets.map((octet, i) => (i === at ? octet ^ 1 : octet));
  test.each([
    ['nothing at all', NO_OCTETS, 'malformed'],
    ['a packet cut short', encodeIpv4(ipv4, tcp).subarray(0, 30), 'malformed'],
    ['a version that is none', Uint8Array.of(0x50, ...new Uint8Array(60)), 'malformed'],
    [
      'a data offset beyond the end',
      encodeIpv4(ipv4, withGoodChecksum(Uint8Array.of(...tcp.subarray(0, 12), 0xf0, ...tcp.subarray(13)))),
      'malformed',
    ],
    ['an IPv4 header changed under way', flipped(encodeIpv4(ipv4, tcp), 8), 'bad-checksum'],
    ['a segment changed under way', flipped(encodeIpv4(ipv4, tcp), 25), 'bad-checksum'],
  ] as const)('%s goes no further, and is counted', (_what, octets, why) => {
    const plug = deaf();
    expect(plug.read(octets)).toBeUndefined();
    const { in: taken, unreadable } = plug.counters();
    expect({ taken, counted: Object.entries(unreadable).filter(([, count]) => count > 0) }).toEqual({ taken: 0, counted: [[why, 1]] });
  });

  test('no octets make it throw, nor the host behind it', () => {
    const engine = new Engine({ seed: 1 });
    const host = engine.host({ name: 'engine', addresses: ['10.9.0.2/24'] });
    const plug = deaf();
    const cable = engine.cable(host, plug);
    echoServer(host.process('echo'), { address: '10.9.0.2', port: 7 }, () => {});
    const whole = encodePacket({ src, dst, segment: { ...segment(new Uint8Array(20)), flags: Flag.SYN } });
    const damaged = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
      const octets = whole.slice();
      for (const [at, value] of changes) octets[at] = value;
      return withGoodChecksums(octets);
    });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 120 })), (octets) => {
        const packet = plug.read(octets);
        if (!packet) return;
        read++;
        cable.transmit(plug, packet);
        engine.runFor(ms(1));
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(500); // it did get past the checksums
  });
});

describe('to the kernel', () => {
  test('packets are written back to back, many at a time, in their order', () => {
    const writes: Uint8Array[][] = [];
    const plug = new TunPlug('kernel', (octets, lengths, count) => {
      let at = 0;
      const packets = Array.from(lengths.subarray(0, count), (length) => {
        at += length;
        return octets.slice(at - length, at);
      });
      writes.push(packets);
    });
    const packets = Array.from({ length: 600 }, (_, i): Packet => ({ src, dst, segment: segment(new Uint8Array(i)) }));
    for (const packet of packets) plug.receive(packet);
    plug.flush();
    plug.flush(); // nothing left
    expect(writes.flat()).toEqual(packets.map((packet) => encodePacket(packet)));
    expect(writes.length).toBeLessThan(6);
    expect(plug.counters()).toMatchObject({ out: 600 });
  });

  test('the largest packets there are fit', () => {
    let written = 0;
    const plug = new TunPlug('kernel', (_octets, lengths, count) => {
      written += lengths.subarray(0, count).reduce((sum, length) => sum + length, 0);
    });
    for (let i = 0; i < 20; i++) plug.receive({ src, dst, segment: segment(new Uint8Array(65_535 - 40)) });
    plug.flush();
    expect(written).toBe(20 * 65_535);
  });
});

/** The segment's octets with the checksum they should have. */
function withGoodChecksum(octets: Uint8Array, ends = { src, dst }): Uint8Array {
  octets[16] = 0;
  octets[17] = 0;
  const sum = transportChecksum(ends, IpProtocol.TCP, octets);
  octets[16] = sum >> 8;
  octets[17] = sum & 0xff;
  return octets;
}

/** An IPv4 packet of TCP, both checksums put right, so that only its fields are strange. */
function withGoodChecksums(octets: Uint8Array): Uint8Array {
  withGoodChecksum(octets.subarray(20), { src: ipv4AddressAt(octets, 12), dst: ipv4AddressAt(octets, 16) });
  octets[10] = 0;
  octets[11] = 0;
  const sum = internetChecksum(octets, 0, 20);
  octets[10] = sum >> 8;
  octets[11] = sum & 0xff;
  return octets;
}
