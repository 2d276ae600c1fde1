import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ListenerRecord, QueueLengths } from '../../preload/contract.ts';
import { tcpwb } from '../support/tcpwb.ts';

// The running kernel: a server with a backlog of four that accepts late, clients that are more, and SYNs from an address that is
// nobody's. What /proc/net/tcp says of both queues all along is what the capture shows.

const folder = mkdtempSync(join(tmpdir(), 'tcpwb-listeners-'));
const capture = join(folder, 'server.pcap');
const [client, server] = [`lqc${process.pid}`, `lqs${process.pid}`];
const [there, nobody, port] = ['10.78.0.2', '10.78.0.77', '9502'];
const run = (line: string): string => execFileSync('sh', ['-ec', line], { encoding: 'utf8' });

interface Poll {
  /** Seconds since 1970. */
  readonly at: number;
  readonly halfOpen: number;
  readonly waiting: number;
}
let polls: Poll[] = [];
let dropped = 0;

beforeAll(async () => {
  run(`for one in ${client} ${server}; do ip netns add $one; done
       ip link add lq0 netns ${client} type veth peer name lq1 netns ${server}
       ip -n ${client} addr add 10.78.0.1/24 dev lq0; ip -n ${server} addr add ${there}/24 dev lq1
       ip -n ${client} link set lq0 up; ip -n ${server} link set lq1 up; ip -n ${server} link set lo up
       ip -n ${server} neigh add ${nobody} lladdr $(ip -n ${client} -o link show lq0 | sed 's/.*ether \\([^ ]*\\).*/\\1/') dev lq1
       ip netns exec ${server} sysctl -qw net.ipv4.tcp_syncookies=0`);
  const inside = (where: string, ...command: string[]) =>
    spawn('ip', ['netns', 'exec', where, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const tapped = inside(server, 'tcpdump', '-Z', 'root', '-Uni', 'lq1', '-w', capture, 'tcp');
  await once(tapped.stderr!, 'data');
  const script = ['timeout', '15', 'python3', 'test/support/busy-listener.py'];
  const listening = inside(server, ...script, 'serve', there, port);
  let said = '';
  listening.stdout!.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  await once(listening.stdout!, 'data');
  const calling = inside(client, ...script, 'call', there, port, nobody);
  await Promise.all([once(listening, 'close'), once(calling, 'close')]);
  dropped = Number(/TcpExtListenDrops\s+(\d+)/.exec(run(`ip netns exec ${server} nstat -asz TcpExtListenDrops`))![1]);
  tapped.kill('SIGTERM');
  await once(tapped, 'close');
  polls = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Poll);
}, 30_000);
afterAll(() => {
  for (const one of [client, server]) run(`ip netns del ${one}`);
  rmSync(folder, { recursive: true });
});

/** A moment's uncertainty: the poll takes time, and so does the way from the wire into the queue. */
const AROUND = 0.03;

/** The lengths a queue had about a time. */
function lengthsAbout({ history }: QueueLengths, at: number): number[] {
  const before = history.filter((point) => point.at < at - AROUND).at(-1)?.length ?? 0;
  return [before, ...history.filter((point) => Math.abs(point.at - at) <= AROUND).map(({ length }) => length)];
}

test('a listener’s two queues over time are those the kernel had', async () => {
  const { stdout, status } = await tcpwb('analyze', capture, '--json').ended;
  const { connections, listeners } = JSON.parse(stdout);
  expect([status, listeners.length]).toEqual([0, 1]);
  const [listener] = listeners as [ListenerRecord];
  expect(listener).toMatchObject({ endpoint: { address: there, port: 9502 }, state: 'LISTEN', refused: 0 });
  const origin = Math.min(...connections.map(({ start }: { readonly start: number }) => start));
  const { synQueue, acceptQueue } = listener;
  const compared = polls.filter(({ at }) => at > origin);
  expect(compared.length).toBeGreaterThan(50);
  for (const { at, halfOpen, waiting } of compared) {
    const moment = at - origin;
    expect({ moment, halfOpen, found: lengthsAbout(synQueue, moment) }).toMatchObject({ found: expect.arrayContaining([halfOpen]) });
    expect({ moment, waiting: waiting <= Math.max(...lengthsAbout(acceptQueue, moment)) }).toEqual({ moment, waiting: true });
  }
  const most = (of: 'halfOpen' | 'waiting') => Math.max(...compared.map((poll) => poll[of]));
  expect([most('halfOpen'), most('waiting')]).toEqual([3, 5]); // the backlog, and one more
  expect(acceptQueue.most).toBe(5);
  // Every SYN that the kernel dropped was passed over, or never answered at all.
  expect(dropped).toBeGreaterThan(0);
  expect(listener.ignoredSyns + listener.unanswered).toBeGreaterThan(0);
  expect(listener.ignoredSyns).toBeLessThanOrEqual(dropped);
});

test('it is told in words, too', async () => {
  const { stdout } = await tcpwb('analyze', capture).ended;
  expect(stdout).toMatch(/^listeners\n {4}10\.78\.0\.2:9502 {2}LISTEN from \d+\.\d{9} \(packet \d+\) at the latest\n/m);
  expect(stdout).toMatch(/accept queue at most \d now, at most 5 at \d+\.\d{3} s/);
});
