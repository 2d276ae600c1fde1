import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writePcapng } from '../capture/pcapng-writer.ts';
import { encodeEthernet, macAddressAt } from '../wire/ethernet.ts';
import { ip } from '../wire/ip-address.ts';
import { encodeIpv4 } from '../wire/ipv4.ts';
import { encodeIpv6 } from '../wire/ipv6.ts';
import { encodeDatagram } from '../wire/udp.ts';
import { Analysis } from './analysis.ts';
import { batchOf, frames, life } from './testing/conversation.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tcpwb-tunnels-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Wrap = (inner: Uint8Array) => Uint8Array;

const here = ip('192.0.2.1');
const there = ip('192.0.2.2');
const mac = macAddressAt(Uint8Array.of(2, 0, 0, 0, 0, 1), 0);
const behind =
  (hex: string): Wrap =>
  (inner) =>
    Uint8Array.of(...Buffer.from(hex.replaceAll(' ', ''), 'hex'), ...inner);
const ipv4 =
  (protocol: number): Wrap =>
  (inner) =>
    encodeIpv4(
      {
        trafficClass: 0,
        identification: 7,
        dontFragment: true,
        moreFragments: false,
        fragmentOffset: 0,
        ttl: 64,
        protocol,
        src: here,
        dst: there,
        options: new Uint8Array(0),
      },
      inner,
    );
const ipv6 =
  (protocol: number): Wrap =>
  (inner) =>
    encodeIpv6(
      { trafficClass: 0, flowLabel: 0, hopLimit: 64, src: ip('2001:db8::1'), dst: ip('2001:db8::2'), extensions: [], protocol },
      inner,
    );
const udp =
  (dstPort: number): Wrap =>
  (payload) =>
    ipv4(17)(encodeDatagram({ srcPort: 50_000, dstPort, payload }, { src: here, dst: there }));
const ethernet: Wrap = (payload) => encodeEthernet({ dst: mac, src: mac, tags: [], etherType: 0x0800, payload });
const vlan: Wrap = (payload) =>
  encodeEthernet({ dst: mac, src: mac, tags: [{ tpid: 0x8100, priority: 0, dropEligible: false, id: 9 }], etherType: 0x0800, payload });
const wraps =
  (...layers: Wrap[]): Wrap =>
  (inner) =>
    layers.reduceRight((packet, wrap) => wrap(packet), inner);

/** tshark's name for each way to carry a packet in another. */
const TUNNELS: readonly [string, Wrap][] = [
  ['IP in IP', ipv4(4)],
  ['IPv4 in IPv6', ipv6(4)],
  ['IPv6 in IPv4', wraps(ipv4(41), ipv6(4))],
  ['GRE', wraps(ipv4(47), behind('0000 0800'))],
  ['GRE with checksum, key and number', wraps(ipv4(47), behind('b000 0800 00000000 00000007 00000001'))],
  ['GRE over IPv6', wraps(ipv6(47), behind('0000 0800'))],
  ['Ethernet in GRE', wraps(ipv4(47), behind('0000 6558'), ethernet)],
  ['ERSPAN', wraps(ipv4(47), behind('1000 88be 00000001 1001 0001 00000000'), ethernet)],
  ['ERSPAN type I', wraps(ipv4(47), behind('0000 88be'), ethernet)],
  ['ERSPAN type III', wraps(ipv4(47), behind('1000 22eb 00000001 2001 0001 00000000 0000 0000'), ethernet)],
  ['ERSPAN type III with more', wraps(ipv4(47), behind('1000 22eb 00000001 2001 0001 00000000 0000 0001 0000000000000000'), ethernet)],
  ['PPTP', wraps(ipv4(47), behind('3081 880b 0000 0001 00000001 00000001 ff03 0021'))],
  ['VXLAN', wraps(udp(4789), behind('08000000 00000500'), ethernet)],
  ['VXLAN with a tagged frame', wraps(udp(4789), behind('08000000 00000500'), vlan)],
  ['authenticated, in IP in IP', wraps(ipv4(51), behind('0404 0000 00000001 00000001 000000000000000000000000'))],
  ['Geneve with an option', wraps(udp(6081), behind('0200 6558 00000500 0102 8001 00000000'), ethernet)],
  ['Geneve without Ethernet', wraps(udp(6081), behind('0000 0800 00000500'))],
  ['Teredo', wraps(udp(3544), ipv6(4))],
  ['Teredo with an origin', wraps(udp(3544), behind('0000 0000 00000000'), ipv6(4))],
];

const SCRIPT = `
  0.000 > S 0
  0.010 < SA 0 1
  0.020 > A 1 1
  0.030 > PA 1 1 10
  0.040 < FA 1 11
  0.050 > FA 11 2
  0.060 < A 2 12`;

function tunnelled(wrap: Wrap) {
  const bare = frames(SCRIPT);
  return batchOf(
    Array.from({ length: bare.count }, (_, i) => ({
      seconds: bare.seconds[i]! + bare.nanoseconds[i]! / 1e9,
      octets: wrap(bare.data.slice(bare.offset[i]!, bare.offset[i]! + bare.capturedLength[i]!)),
    })),
  );
}

describe('a connection inside a tunnel is a connection', () => {
  test.each(TUNNELS)('%s', (_name, wrap) => {
    const analysis = new Analysis();
    const batch = tunnelled(wrap);
    analysis.add(batch);
    expect({ tcp: analysis.tcpPackets, malformed: analysis.malformed }).toEqual({ tcp: 7, malformed: 0 });
    const { client, server, states, bytes } = analysis.record(0);
    expect([client.address, client.port, server.address, server.port]).toEqual(['10.0.0.1', 40_000, '10.0.0.2', 9502]);
    expect(bytes).toEqual({ client: 10, server: 0 });
    expect(life(states.server)).toBe('LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3 FIN-WAIT-1@5 FIN-WAIT-2@6 TIME-WAIT@6');

    const path = join(scratch, 'tunnel.pcapng');
    writeFileSync(path, writePcapng([batch]));
    const fields = ['frame.number', 'tcp.len'].flatMap((field) => ['-e', field]);
    const theirs = execFileSync('tshark', ['-n', '-r', path, '-Y', 'tcp', '-T', 'fields', ...fields], { encoding: 'utf8', stdio: 'pipe' });
    expect(theirs.trim().split('\n')).toEqual(['1\t0', '2\t0', '3\t0', '4\t10', '5\t0', '6\t0', '7\t0']);
  });
});

test('VXLAN at the port that Linux takes unless told otherwise', () => {
  const analysis = new Analysis();
  analysis.add(tunnelled(wraps(udp(8472), behind('08000000 00000500'), ethernet)));
  analysis.add(tunnelled(wraps(udp(8472), behind('08000001 00000500'), ethernet))); // something else that looks alike
  expect(analysis.summary()).toMatchObject({ packets: 14, tcpPackets: 7, connections: 1 });
});

test('a datagram to a tunnel’s port that carries something else is no damage', () => {
  const analysis = new Analysis();
  for (const port of [4789, 6081, 3544]) analysis.add(tunnelled(wraps(udp(port), behind('deadbeef'))));
  analysis.add(tunnelled(wraps(ipv4(47), behind('4000 0800'))));
  expect(analysis.summary()).toMatchObject({ packets: 28, tcpPackets: 0, malformed: 0 });
});

test('tunnels in tunnels without end are left alone', () => {
  const analysis = new Analysis();
  analysis.add(tunnelled(wraps(...Array.from({ length: 60 }, () => ipv4(4)))));
  expect(analysis.tcpPackets).toBe(0);
});
