import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tcpwb } from '../support/tcpwb.ts';

// The running kernel: two hosts and a router between them, each a network namespace. The router's way to the server is slow and
// its queue short, so it drops; tcpdump captures at both ends.

const folder = mkdtempSync(join(tmpdir(), 'tcpwb-two-'));
const [a, b] = [join(folder, 'a.pcap'), join(folder, 'b.pcap')];
const name = (which: string) => `tw${which}${process.pid}`;
const [client, router, server] = [name('c'), name('r'), name('s')];
const run = (line: string): string => execFileSync('sh', ['-ec', line], { encoding: 'utf8' });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Seconds that the clock at the server is ahead. */
const AHEAD = 2.5;
let dropped = 0;

beforeAll(async () => {
  for (const one of [client, router, server]) run(`ip netns add ${one}`);
  run(`ip link add tw0 netns ${client} type veth peer name tw1 netns ${router}
       ip link add tw2 netns ${router} type veth peer name tw3 netns ${server}
       ip -n ${client} addr add 10.77.1.1/24 dev tw0; ip -n ${router} addr add 10.77.1.2/24 dev tw1
       ip -n ${router} addr add 10.77.2.1/24 dev tw2; ip -n ${server} addr add 10.77.2.2/24 dev tw3
       ip -n ${client} link set tw0 up; ip -n ${router} link set tw1 up; ip -n ${router} link set tw2 up; ip -n ${server} link set tw3 up
       ip -n ${client} route add default via 10.77.1.2; ip -n ${server} route add default via 10.77.2.1
       ip netns exec ${router} sysctl -qw net.ipv4.ip_forward=1
       ip netns exec ${router} tc qdisc add dev tw2 root tbf rate 20mbit burst 10kb limit 20kb`);
  const inside = (where: string, ...command: string[]) =>
    spawn('ip', ['netns', 'exec', where, ...command], { stdio: ['pipe', 'ignore', 'pipe'] });
  const tapped = [
    inside(client, 'tcpdump', '-Z', 'root', '-Uni', 'tw0', '-w', a, 'tcp'),
    inside(server, 'tcpdump', '-Z', 'root', '-Uni', 'tw3', '-w', b, 'tcp'),
  ];
  await Promise.all(tapped.map((one) => once(one.stderr!, 'data')));
  const listener = inside(server, 'timeout', '15', 'nc', '-l', '-p', '9502');
  await pause(300);
  const sender = inside(client, 'timeout', '15', 'nc', '-q', '1', '10.77.2.2', '9502');
  sender.stdin!.end(new Uint8Array(1_000_000));
  await once(sender, 'close');
  await pause(500);
  for (const one of [...tapped, listener]) one.kill('SIGTERM');
  await Promise.all(tapped.map((one) => (one.exitCode === null ? once(one, 'close') : undefined)));
  dropped = Number(/dropped (\d+)/.exec(run(`ip netns exec ${router} tc -s qdisc show dev tw2`))![1]);
  writeFileSync(b, later(readFileSync(b), AHEAD));
}, 30_000);
afterAll(() => {
  for (const one of [client, router, server]) run(`ip netns del ${one}`);
  rmSync(folder, { recursive: true });
});

/** A pcap with microseconds whose clock was ahead. */
function later(octets: Buffer, seconds: number): Buffer {
  for (let at = 24; at < octets.length; at += 16 + octets.readUInt32LE(at + 8)) {
    const micros = octets.readUInt32LE(at) * 1e6 + octets.readUInt32LE(at + 4) + seconds * 1e6;
    octets.writeUInt32LE(Math.floor(micros / 1e6), at);
    octets.writeUInt32LE(micros % 1e6, at + 4);
  }
  return octets;
}

test('captures from both ends of a path that drops: clocks, direction of the loss, and nothing that was not lost', async () => {
  const { status, stdout } = await tcpwb('analyze', a, '--with', b, '--json').ended;
  const { nearClient, clock, connections } = JSON.parse(stdout);
  expect([status, nearClient, connections.length]).toEqual([0, 'a', 1]);
  expect(clock.ahead).toBeCloseTo(AHEAD, 4);
  const [{ directions }] = connections;
  expect(directions.server).toMatchObject({ lost: 0, notCaptured: 0, recut: 0 });
  // The kernel sends large buffers that are cut on the way, so one of them may lose several packets.
  expect(dropped).toBeGreaterThan(0);
  expect(directions.client.lost).toBeGreaterThan(0);
  expect(directions.client.lost).toBeLessThanOrEqual(dropped);
  expect(directions.client.notCaptured).toBe(0);
});

test('given the other way round it is the same story', async () => {
  const { stdout } = await tcpwb('analyze', b, '--with', a, '--json').ended;
  const { nearClient, clock, connections } = JSON.parse(stdout);
  expect(nearClient).toBe('b');
  expect(clock.ahead).toBeCloseTo(-AHEAD, 4);
  expect(connections[0].directions.server).toMatchObject({ lost: 0, notCaptured: 0 });
});

test('one capture alone tells that the path, not the program, held the client back', async () => {
  const { connections } = JSON.parse((await tcpwb('analyze', a, '--json').ended).stdout);
  const kinds: Record<string, { reason?: string; side?: string; values: Record<string, number> }> = {};
  for (const finding of connections[0].findings) kinds[finding.kind] ??= finding;
  expect(kinds.retransmissions).toMatchObject({ side: 'client' });
  expect(kinds.retransmissions!.values.fast).toBeGreaterThan(0);
  expect(kinds['limited-by']).toMatchObject({ side: 'client', reason: 'network' });
});
