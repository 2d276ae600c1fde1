import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ip } from '../../wire/ip-address.ts';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import { encodePacket, type Packet, readPacket } from '../network/packet.ts';

const [US, THEM] = [ip('10.0.0.1'), ip('10.0.0.2')];
const octets = fc.uint8Array({ maxLength: 64 });
const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc
    .record({ srcPort: fc.nat(65_535), dstPort: fc.constantFrom(53, 99), payload: octets })
    .map((datagram) => ({ src: THEM, dst: US, datagram })),
  fc
    .record({ code: fc.nat(16), mtu: fc.nat(2000), original: octets })
    .map((error) => ({ src: THEM, dst: US, icmp: { kind: 'unreachable' as const, ...error } })),
  fc
    .record({
      offset: fc.nat(8191).map((n) => n * 8),
      more: fc.boolean(),
      identification: fc.nat(3),
      payload: octets,
      protocol: fc.constantFrom(1, 6, 17, 200),
    })
    .map(({ payload, protocol, ...fragment }) => ({ src: THEM, dst: US, protocol, payload, fragment })),
);
/** Octets changed after they were written. */
const changes = fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 3 });

test('whatever comes off a wire, fragments and ICMP too: nothing throws, and nothing is kept for ever', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(packet, changes), { maxLength: 30 }), (sent) => {
      const engine = new Engine({ seed: 1 });
      const host = engine.host({ name: 'us', addresses: ['10.0.0.1/24'], sysctls: { 'net.ipv4.ip_forward': 1 } });
      engine.cable(host, { name: 'them', receive: () => {} }, { delay: ms(1), serialise: true });
      const program = host.process('server');
      program.socket('AF_INET', 'SOCK_DGRAM', (made) => made.ok && program.bind(made.value, { address: '0.0.0.0', port: 53 }, () => {}));
      for (const [one, mutations] of sent) {
        const bytes = encodePacket(one);
        for (const [at, value] of mutations) if (at < bytes.length) bytes[at] = value;
        const read = readPacket(bytes);
        if (read.ok) host.receive(read.value);
        else if (mutations.length === 0 && one.datagram) throw new Error(`what was not changed is ${read.error}`);
      }
      expect(engine.runUntilIdle(1000)).toBeLessThan(1000);
      expect(host.reassembly.count).toBe(0);
    }),
    { numRuns: 1000 },
  );
});
