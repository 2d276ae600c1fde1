import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Seconds that the clock at the server is ahead. */
export const AHEAD = 2.5;

/** The captures of a transfer at both ends of a path and in the router between them, and how many packets that dropped. */
export interface RoutedPath {
  readonly atClient: string;
  readonly atServer: string;
  /** At the router's interface towards the client. */
  readonly atRouter: string;
  /** At all interfaces of the router, with the cooked header of version 1 and 2. Large segments come in whole and go out in pieces. */
  readonly atAny: readonly [string, string];
  readonly dropped: number;
  remove(): void;
}

const run = (line: string): string => execFileSync('sh', ['-ec', line], { encoding: 'utf8' });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The running kernel: two hosts and a router between them, each a network namespace. The router's way to the server is slow and its queue
 * short, so it drops; tcpdump captures at both ends while the client sends a million octets.
 */
export async function routedPath(): Promise<RoutedPath> {
  const folder = mkdtempSync(join(tmpdir(), 'tcpwb-two-'));
  const [a, b, r, any1, any2] = ['client', 'server', 'router', 'any1', 'any2'].map((name) => join(folder, `${name}.pcap`)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [client, router, server] = ['c', 'r', 's'].map((which) => `tw${which}${process.pid}`) as [string, string, string];
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
    [client, 'tw0', a] as const,
    [server, 'tw3', b] as const,
    [router, 'tw1', r] as const,
    [router, 'any', any1, '-y', 'LINUX_SLL'] as const,
    [router, 'any', any2, '-y', 'LINUX_SLL2'] as const,
  ].map(([where, on, file, ...link]) => inside(where, 'tcpdump', '-Z', 'root', '-Uni', on, ...link, '-w', file, 'tcp'));
  await Promise.all(tapped.map((one) => once(one.stderr!, 'data')));
  const listener = inside(server, 'timeout', '15', 'nc', '-l', '-p', '9502');
  await pause(300);
  const sender = inside(client, 'timeout', '15', 'nc', '-q', '1', '10.77.2.2', '9502');
  sender.stdin!.end(new Uint8Array(1_000_000));
  await once(sender, 'close');
  await pause(500);
  for (const one of [...tapped, listener]) one.kill('SIGTERM');
  await Promise.all(tapped.map((one) => (one.exitCode === null ? once(one, 'close') : undefined)));
  const dropped = Number(/dropped (\d+)/.exec(run(`ip netns exec ${router} tc -s qdisc show dev tw2`))![1]);
  writeFileSync(b, later(readFileSync(b), AHEAD));
  return {
    atClient: a,
    atServer: b,
    atRouter: r,
    atAny: [any1, any2],
    dropped,
    remove: () => {
      for (const one of [client, router, server]) run(`ip netns del ${one}`);
      rmSync(folder, { recursive: true });
    },
  };
}

/** A pcap with microseconds whose clock was ahead. */
function later(octets: Buffer, seconds: number): Buffer {
  for (let at = 24; at < octets.length; at += 16 + octets.readUInt32LE(at + 8)) {
    const micros = octets.readUInt32LE(at) * 1e6 + octets.readUInt32LE(at + 4) + seconds * 1e6;
    octets.writeUInt32LE(Math.floor(micros / 1e6), at);
    octets.writeUInt32LE(micros % 1e6, at + 4);
  }
  return octets;
}
