import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectionRecord, Finding } from '../../preload/contract.ts';
import { tcpwb } from '../support/tcpwb.ts';

// The running kernel: a client, a router with a slow way and a short queue, and a server. What goes wrong between them is known
// (test/support/situations.py), and the kernel counts it; the findings say that, and nothing that did not happen.

const folder = mkdtempSync(join(tmpdir(), 'tcpwb-diagnosis-'));
const capture = join(folder, 'client.pcap');
const name = (which: string) => `dg${which}${process.pid}`;
const [client, router, server] = [name('c'), name('r'), name('s')];
const there = '10.79.2.2';
const run = (line: string): string => execFileSync('sh', ['-ec', line], { encoding: 'utf8' });
const counted: Record<string, number> = {};

beforeAll(async () => {
  // One packet for each segment, as the wire has it: what is sent again is then counted as the kernel counts it.
  run(`for one in ${client} ${router} ${server}; do ip netns add $one; done
       ip link add dg0 netns ${client} gso_max_segs 1 type veth peer name dg1 netns ${router}
       ip link add dg2 netns ${router} type veth peer name dg3 netns ${server} gso_max_segs 1
       ip -n ${client} addr add 10.79.1.1/24 dev dg0; ip -n ${router} addr add 10.79.1.2/24 dev dg1
       ip -n ${router} addr add 10.79.2.1/24 dev dg2; ip -n ${server} addr add ${there}/24 dev dg3
       ip -n ${client} link set dg0 up; ip -n ${router} link set dg1 up; ip -n ${router} link set dg2 up; ip -n ${server} link set dg3 up
       ip -n ${client} route add default via 10.79.1.2; ip -n ${server} route add default via 10.79.2.1
       ip netns exec ${router} sysctl -qw net.ipv4.ip_forward=1
       ip netns exec ${server} sysctl -qw net.ipv4.tcp_syncookies=0
       ip netns exec ${router} tc qdisc add dev dg2 root tbf rate 10mbit burst 10kb limit 30kb`);
  const inside = (where: string, ...command: string[]) =>
    spawn('ip', ['netns', 'exec', where, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const tapped = inside(client, 'tcpdump', '-Z', 'root', '-Uni', 'dg0', '-w', capture, 'tcp');
  await once(tapped.stderr!, 'data');
  const script = ['timeout', '20', 'python3', 'test/support/situations.py'];
  const serving = inside(server, ...script, 'serve', there);
  await once(serving.stdout!, 'data');
  const calling = inside(client, ...script, 'call', there);
  await once(calling, 'close');
  for (const line of run(`ip netns exec ${client} nstat -asz; ip netns exec ${server} nstat -asz TcpExtListenOverflows`).split('\n')) {
    const [counter, value] = line.split(/\s+/);
    if (Number(value) > 0) counted[counter!] = Number(value);
  }
  for (const one of [tapped, serving]) {
    const closed = one.exitCode === null ? once(one, 'close') : undefined;
    one.kill('SIGTERM');
    await closed;
  }
}, 40_000);
afterAll(() => {
  for (const one of [client, router, server]) run(`ip netns del ${one}`);
  rmSync(folder, { recursive: true });
});

interface Analysed {
  readonly connections: readonly (ConnectionRecord & { readonly findings: readonly Finding[] })[];
  readonly findings: readonly Finding[];
}
const analysed = async (): Promise<Analysed> => JSON.parse((await tcpwb('analyze', capture, '--json').ended).stdout);

/** What is wrong with the connections to a port, each said once. */
const wrongAt = ({ connections }: Analysed, port: number): string[] => {
  const findings = connections.filter((one) => one.server.port === port).flatMap((one) => one.findings);
  const grave = findings.filter(({ severity }) => severity !== 'note');
  return [...new Set(grave.map(({ kind, reason, side }) => `${kind}${reason ? ` ${reason}` : ''} ${side}`))].sort();
};

test('what happened is said of each connection, and nothing that did not', async () => {
  const all = await analysed();
  expect({
    refused: wrongAt(all, 9601),
    unread: wrongAt(all, 9602),
    nagle: wrongAt(all, 9603),
    zeroWindow: wrongAt(all, 9604),
    afterClose: wrongAt(all, 9605),
    lossy: wrongAt(all, 9606),
    clean: wrongAt(all, 9607),
  }).toEqual({
    refused: ['refused server'],
    unread: ['reset unread-data server'],
    nagle: ['nagle-delayed-ack client'],
    zeroWindow: ['limited-by window client', 'zero-window reopened server'],
    afterClose: ['reset after-close server'],
    lossy: ['retransmissions client'],
    clean: [],
  });
});

test('the causes of what was sent again are those the kernel counted', async () => {
  const { connections } = await analysed();
  const repairs = connections.flatMap(({ findings }) =>
    findings.filter(({ kind, side }) => kind === 'retransmissions' && side === 'client'),
  );
  const said = (cause: string) => repairs.reduce((sum, { values }) => sum + values![cause]!, 0);
  const kernel = (counter: string) => counted[counter] ?? 0;
  expect(said('fast')).toBeGreaterThan(0);
  expect({
    fast: said('fast'),
    byTimer: said('timeout') + said('timer') + said('tailProbe'),
    other: said('unclear') + said('needless'),
  }).toEqual({
    fast: kernel('TcpExtTCPFastRetrans'),
    byTimer: kernel('TcpRetransSegs') - kernel('TcpExtTCPFastRetrans') - kernel('TcpExtTCPSynRetrans'),
    other: 0,
  });
});

test('a listener whose accept queue is full: the SYNs that it dropped, one by one', async () => {
  const { findings } = await analysed();
  const full = findings.filter(({ kind }) => kind === 'accept-queue-full');
  expect(full).toMatchObject([{ side: 'server', ambiguous: false, values: { holds: 2, syns: counted.TcpExtListenOverflows } }]);
});
