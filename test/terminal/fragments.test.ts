import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tcpwb } from '../support/tcpwb.ts';

// The running kernel: a client that does not look for the path's MTU, so that it allows cutting; a router with a narrow link
// towards the server, which cuts. tcpdump captures whole segments at the client, and their fragments at the server.

const folder = mkdtempSync(join(tmpdir(), 'tcpwb-fragments-'));
const [whole, cut, byPort] = ['whole.pcap', 'cut.pcap', 'port.pcap'].map((name) => join(folder, name)) as [string, string, string];
const name = (which: string) => `tf${which}${process.pid}`;
const [client, router, server] = [name('c'), name('r'), name('s')];
const run = (line: string): string => execFileSync('sh', ['-ec', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const SENT = randomBytes(60_000);

beforeAll(async () => {
  for (const one of [client, router, server]) run(`ip netns add ${one}`);
  run(`ip link add tf0 netns ${client} type veth peer name tf1 netns ${router}
       ip link add tf2 netns ${router} type veth peer name tf3 netns ${server}
       ip -n ${client} addr add 10.79.1.1/24 dev tf0; ip -n ${router} addr add 10.79.1.2/24 dev tf1
       ip -n ${router} addr add 10.79.2.1/24 dev tf2; ip -n ${server} addr add 10.79.2.2/24 dev tf3
       ip -n ${client} link set tf0 up; ip -n ${router} link set tf1 up; ip -n ${router} link set tf2 mtu 600 up; ip -n ${server} link set tf3 up
       ip -n ${client} route add default via 10.79.1.2; ip -n ${server} route add default via 10.79.2.1
       ip netns exec ${router} sysctl -qw net.ipv4.ip_forward=1
       ip netns exec ${client} sysctl -qw net.ipv4.ip_no_pmtu_disc=1
       ip -n ${client} link set tf0 gso_max_segs 1`);
  const inside = (where: string, ...command: string[]) =>
    spawn('ip', ['netns', 'exec', where, ...command], { stdio: ['pipe', 'ignore', 'pipe'] });
  const tap = (where: string, device: string, path: string, filter: string) =>
    inside(where, 'tcpdump', '-Z', 'root', '-Uni', device, '-w', path, filter);
  const tapped = [tap(client, 'tf0', whole, 'tcp'), tap(server, 'tf3', cut, 'ip'), tap(server, 'tf3', byPort, 'port 9502')];
  await Promise.all(tapped.map((one) => once(one.stderr!, 'data')));
  const listener = inside(server, 'timeout', '15', 'nc', '-l', '-p', '9502');
  await pause(300);
  const sender = inside(client, 'timeout', '15', 'nc', '-q', '1', '10.79.2.2', '9502');
  sender.stdin!.end(SENT);
  await once(sender, 'close');
  await pause(300);
  for (const one of [...tapped, listener]) one.kill('SIGTERM');
  await Promise.all(tapped.map((one) => (one.exitCode === null ? once(one, 'close') : undefined)));
}, 30_000);
afterAll(() => {
  for (const one of [client, router, server]) run(`ip netns del ${one}`);
  rmSync(folder, { recursive: true });
});

const tshark = (path: string, filter: string): string[] =>
  run(`tshark -n -r ${path} -Y '${filter}' -T fields -e frame.number -e tcp.len`).split('\n').filter(Boolean);

test('what the kernel cut is put together: the same life, the same octets, and the same segments as tshark shows', async () => {
  expect(tshark(cut, 'ip.flags.mf == 1').length).toBeGreaterThan(SENT.length / 1460);
  const of = async (path: string) => JSON.parse((await tcpwb('analyze', path, '--json').ended).stdout).connections[0];
  const [a, b] = [await of(whole), await of(cut)];
  expect(b.bytes).toEqual(a.bytes);
  expect(b.bytes.client).toBeGreaterThanOrEqual(SENT.length);
  const states = (spans: readonly { readonly state: string }[]) => spans.map(({ state }) => state);
  expect([states(b.states.client), states(b.states.server)]).toEqual([states(a.states.client), states(a.states.server)]);
  expect(b.packets.client + b.packets.server).toBe(tshark(cut, 'tcp').length);
  expect(b.findings.map(({ kind }: { kind: string }) => kind)).toContain('fragments');
});

test('Follow and filters read the same octets', async () => {
  const said = join(folder, 'said');
  await tcpwb('follow', cut, '--connection', '0', '--as', 'raw', '--direction', 'client', '-w', said).ended;
  expect(readFileSync(said).equals(SENT)).toBe(true);
  const filter = 'tcp.len == 1448 && ip.fragment.count == 3 && tcp.hdr_len == 32';
  const { stdout } = await tcpwb('analyze', cut, '-Y', filter).ended;
  expect(stdout).toContain(`${tshark(cut, filter).length} segments of 1 connections pass`);
});

test('as text, a segment that passes a filter is the line of its first fragment, as tcpdump prints it', async () => {
  const { stdout } = await tcpwb('text', cut, '-Y', 'tcp.len == 1448').ended;
  const lines = stdout.split('\n').filter(Boolean);
  expect(lines.length).toBe(tshark(cut, 'tcp.len == 1448').length);
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(line).toMatch(/ length 544$/);
});

test('both captures together: nothing was lost, nothing cut otherwise', async () => {
  const { connections } = JSON.parse((await tcpwb('analyze', whole, '--with', cut, '--json').ended).stdout);
  expect(connections[0].directions.client).toMatchObject({ lost: 0, notCaptured: 0, recut: 0 });
});

test('captured with a filter that asks for a port, which only first fragments have, it is said what is missing', async () => {
  const { stdout } = await tcpwb('analyze', byPort).ended;
  expect(stdout).toMatch(/fragments-missing.*[\s\S]*only the first fragment was captured/);
});
