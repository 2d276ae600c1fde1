import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KernelSocketRecord, KernelSocketsReport } from '../../preload/sockets.ts';
import { ROOT, tcpwb } from '../support/tcpwb.ts';

// The running kernel, in a network namespace of its own: what `tcpwb sockets` says is what ss says of the same sockets.

const place = `tws${process.pid}`;
const TCPWB = join(ROOT, 'bin', 'tcpwb.mjs');
const inside = (...command: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', place, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const sockets = (...args: readonly string[]): string => inside(process.execPath, TCPWB, 'sockets', ...args);
const report = (...args: readonly string[]) => JSON.parse(sockets('--json', ...args)) as KernelSocketsReport;

/** What is not answered is not given up while the tests run. */
const PATIENT = 'net.ipv4.tcp_synack_retries=15 net.ipv4.tcp_syn_retries=15';

let standing: ChildProcess;
let told: KernelSocketsReport;
/** What ss said before, and after. */
let peer: readonly ToldBySs[];

beforeAll(async () => {
  await tcpwb('--help').ended; // what is to be built is built before
  execFileSync('sh', ['-ec', `ip netns add ${place}; ip -n ${place} link set lo up; ip netns exec ${place} sysctl -qw ${PATIENT}`]);
  standing = spawn('ip', ['netns', 'exec', place, 'python3', 'test/support/sockets-in-states.py'], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(standing.stdout!, 'data');
  const before = asToldBySs();
  told = report();
  peer = [before, asToldBySs()];
});
afterAll(async () => {
  standing.stdin!.end();
  await once(standing, 'close');
  execFileSync('ip', ['netns', 'del', place]);
});

const at = (port: number, ...states: readonly string[]): readonly KernelSocketRecord[] =>
  told.sockets.filter(({ local, state }) => local.port === port && states.includes(state));

test('listeners: what waits for accept, one more than the backlog, and what is half-open, of either family', () => {
  expect(told).toMatchObject({ source: 'sock_diag', gaps: [], total: told.sockets.length });
  const full = { accept: { length: 3, backlog: 2 }, syn: { length: 0, shared: false } };
  expect(at(9502, 'LISTEN').map(({ local, family, listener }) => [local.address, family, listener])).toMatchObject([
    ['127.0.0.1', 4, { ...full, drops: expect.any(Number) }],
    ['::1', 6, full],
  ]);
  expect(at(9503, 'LISTEN')).toMatchObject([{ local: { address: '::' }, listener: full }]);
  expect(at(9502, 'ESTABLISHED').map(({ holder, owners }) => [holder, owners])).toEqual(Array(6).fill(['accept-queue', []]));
  expect(at(9504, 'LISTEN')).toMatchObject([{ listener: { accept: { length: 0, backlog: 8 }, syn: { length: 1 } } }]);
  expect(at(9504, 'SYN-RECEIVED')).toMatchObject([{ holder: 'syn-queue', inode: 0, timer: { kind: 'syn-ack' } }]);
  expect(at(9506, 'LISTEN')).toMatchObject([{ listener: { syn: { length: 3 } } }]);
  expect(
    at(9506, 'SYN-RECEIVED')
      .map(({ local }) => local.address)
      .sort(),
  ).toEqual(['::1', '::ffff:127.0.0.1', '::ffff:127.0.0.1']);
});

test('connections: their queues, states and owners', () => {
  const owners = [{ pid: expect.any(Number), process: 'python3' }];
  const [reader] = at(9504, 'ESTABLISHED');
  expect(reader).toMatchObject({ holder: 'process', owners, sendQueue: { length: 0, unsent: 0 } });
  expect(reader!.receiveQueue!.length).toBeGreaterThan(60_000);
  const writer = told.sockets.find(({ local }) => local.port === reader!.remote!.port);
  expect(writer!.sendQueue!.length).toBeGreaterThan(500_000);
  expect(writer).toMatchObject({ timer: { kind: 'persist' }, tcpInfo: { tcpi_notsent_bytes: writer!.sendQueue!.unsent } });
  expect(writer!.memory!.queued).toBeGreaterThanOrEqual(writer!.sendQueue!.length);
  expect(at(9505, 'ESTABLISHED')).toMatchObject([{ receiveQueue: { length: 17 }, owners }]);
  expect(at(9504, 'CLOSE-WAIT')).toMatchObject([{ owners }, { owners }]);
  expect(at(9504, 'TIME-WAIT')).toMatchObject([{ holder: 'kernel', owners: [], timer: { kind: 'time-wait' } }]);
  expect(told.sockets.filter(({ inode, uid }) => (inode === 0) !== (uid === undefined))).toEqual([]);
  expect(at(9507, 'CLOSED')).toMatchObject([{ owners }]);
  const waiting = told.sockets.filter(({ state }) => state === 'FIN-WAIT-2').map(({ holder, timer }) => [holder, timer?.kind]);
  expect(waiting.sort()).toEqual([
    ['kernel', 'fin-wait-2'],
    ['process', undefined],
  ]);
});

interface RowOfSs {
  /** Its first five columns. */
  readonly columns: readonly string[];
  /** `name:value` of the rest. */
  readonly facts: ReadonlyMap<string, string>;
}
/** By the socket's cookie. */
type ToldBySs = ReadonlyMap<string, RowOfSs>;

function asToldBySs(): ToldBySs {
  const rows = inside('ss', '-tnaioemOH').split('\n').filter(Boolean);
  return new Map(
    rows.map((row) => {
      const facts = new Map([...row.matchAll(/([\w_]+):\(?([^\s)]+)/g)].map(([, name, value]) => [name!, value!]));
      return [facts.get('sk')!, { columns: row.split(/\s+/, 5), facts }];
    }),
  );
}

const OF_SS: Readonly<Record<string, string>> = {
  ESTAB: 'ESTABLISHED',
  'SYN-RECV': 'SYN-RECEIVED',
};
const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
const ended = ({ address, port }: { readonly address: string; readonly port: number }): string => `${bracketed(address)}:${port}`;

/** The names of ss for fields of tcp_info that stand for themselves there. */
const IN_TCP_INFO: Readonly<Record<string, string>> = {
  cwnd: 'snd_cwnd',
  mss: 'snd_mss',
  bytes_sent: 'bytes_sent',
  bytes_acked: 'bytes_acked',
  bytes_received: 'bytes_received',
  notsent: 'notsent_bytes',
  segs_in: 'segs_in',
  rcv_space: 'rcv_space',
  snd_wnd: 'snd_wnd',
  unacked: 'unacked',
  lost: 'lost',
  dsack_dups: 'dsack_dups',
};

/** What a row of ss says of what both tell; what is absent is zero, or not told. */
const factsOfSs = ({ columns: [state, receive, send, local, remote], facts }: RowOfSs): Readonly<Record<string, string | undefined>> => ({
  state: OF_SS[state!] ?? state,
  receive,
  send,
  local: local?.replace(/^\*/, '[::]'),
  remote: remote?.replace(/^(0\.0\.0\.0|\[::\]|\*):\*$/, '-'),
  ...Object.fromEntries(['ino', 'skmem', 'rtt', ...Object.keys(IN_TCP_INFO)].map((name) => [name, facts.get(name)])),
});

function inWordsOfSs({ state, local, remote, listener, sendQueue, receiveQueue, tcpInfo, memory, inode }: KernelSocketRecord) {
  const { receive, receiveLimit, send, sendLimit, forward, queued, options, backlog, drops } = memory ?? {};
  return {
    state,
    receive: String(listener?.accept.length ?? receiveQueue?.length),
    send: String(listener?.accept.backlog ?? sendQueue?.length),
    local: ended(local),
    remote: remote ? ended(remote) : '-',
    ino: String(inode),
    skmem: `r${receive},rb${receiveLimit},t${send},tb${sendLimit},f${forward},w${queued},o${options},bl${backlog},d${drops}`,
    rtt: `${(tcpInfo?.tcpi_rtt ?? 0) / 1000}/${(tcpInfo?.tcpi_rttvar ?? 0) / 1000}`,
    ...Object.fromEntries(Object.entries(IN_TCP_INFO).map(([name, ours]) => [name, String(tcpInfo?.[`tcpi_${ours}`])])),
  };
}

test('ss says the same of each socket, before or after', () => {
  const [before, after] = peer.map((one) => new Map([...one].map(([id, row]) => [id, factsOfSs(row)])));
  expect(after!.size).toBeGreaterThan(30);
  const own = told.sockets.filter(({ state }) => state !== 'CLOSED');
  expect(own.map(({ id }) => id).sort()).toEqual([...after!.keys()].sort());
  let compared = 0;
  for (const socket of own) {
    const [first, last] = [before!.get(socket.id)!, after!.get(socket.id)!];
    for (const [name, value] of Object.entries(inWordsOfSs(socket))) {
      if (last[name] === undefined) continue;
      compared++;
      expect([first, last].map((one) => `${socket.state} ${name} ${one[name]}`)).toContain(`${socket.state} ${name} ${value}`);
    }
    expect(socket.owners.length > 0).toBe(socket.inode > 0);
  }
  expect(compared).toBeGreaterThan(400);
});

test('only the states asked for, by our names and those of ss', () => {
  const statesOf = (...args: readonly string[]): readonly string[] =>
    [...new Set(report(...args).sockets.map(({ state }) => state))].sort();
  expect(statesOf('--listen')).toEqual(['LISTEN']);
  expect(statesOf('--state', 'syn_recv,TIME-WAIT', '--state', 'close-wait')).toEqual(['CLOSE-WAIT', 'SYN-RECEIVED', 'TIME-WAIT']);
  expect(statesOf('--state', 'bucket')).toEqual(['SYN-RECEIVED', 'TIME-WAIT']);
  expect(statesOf('--state', 'closing')).toEqual([]);
});

test('a state that is none is refused in one line', async () => {
  const { status, stderr } = await tcpwb('sockets', '--state', 'SYN-SEND').ended;
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^tcpwb: --state takes a state .* not "SYN-SEND"\n$/)]);
});

test('in words: a full accept queue, a half-open connection, a queue that the peer does not read', () => {
  const text = sockets();
  expect(text).toMatch(/^\d\d:\d\d:\d\d {2}\d+ TCP sockets in this network namespace: CLOSED 1, LISTEN 6, /);
  expect(text).toMatch(/^LISTEN +127\.0\.0\.1:9502 +- +accept 3 \(backlog 2, FULL\), dropped \d+ +python3 \(\d+\) root$/m);
  expect(text).toMatch(/^LISTEN +\[::\]:9506 +- +accept 0 \(backlog 8\), SYN 3, .*python3/m);
  expect(text).toMatch(/^SYN-RECEIVED +127\.0\.0\.1:9504 +127\.0\.0\.1:\d+ +- +the SYN queue$/m);
  expect(text).toMatch(/^TIME-WAIT .* no process any more, [\d.]+ s left$/m);
  expect(text).toMatch(/send [\d,]+ \([\d,]+ unacknowledged, [\d,]+ unsent\).*\n.*peer’s window 0.*\n.*window probe in [\d.]+ m?s/);
});

test('--watch tells again each second until it is interrupted: lists, or lines of JSON', async () => {
  const { child, ended } = tcpwb('sockets', '--watch', '--listen', '--json');
  let lines = 0;
  for await (const piece of child.stdout!) {
    lines += String(piece).split('\n').length - 1;
    if (lines >= 2 && !child.killed) child.kill('SIGINT');
  }
  const { status, stdout } = await ended;
  const times = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as KernelSocketsReport).at);
  expect([status, times.length >= 2]).toEqual([0, true]);
  expect(times[1]! - times[0]!).toBeGreaterThan(900);
});

test('--watch on a terminal draws over itself, no more than fits, and leaves what was there before', async () => {
  const command = `stty rows 12 cols 70; exec '${process.execPath}' '${TCPWB}' sockets --watch`;
  const child = spawn('ip', ['netns', 'exec', place, 'script', '-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  let isInterrupted = false;
  for await (const piece of child.stdout!) {
    shown += piece;
    if (isInterrupted || shown.split('\x1b[H').length < 3) continue;
    isInterrupted = true;
    child.stdin!.write('\x03');
  }
  const [, first] = shown.split('\x1b[H') as [string, string];
  const lines = first.split('\x1b[J')[0]!.split('\x1b[K\r\n').slice(0, -1);
  expect(lines.length).toBe(11);
  expect(Math.max(...lines.map(({ length }) => length))).toBe(70);
  expect(lines.at(-1)).toMatch(/^and \d+ more$/);
  expect(shown.startsWith('\x1b[?1049h')).toBe(true);
  expect(shown.trimEnd().endsWith('\x1b[?1049l')).toBe(true);
});

test('who may not look into other users’ processes is told so, and whose the sockets are all the same', async () => {
  const other = spawn('ip', ['netns', 'exec', place, 'setpriv', '--reuid=65534', '--clear-groups', 'nc', '-l', '-p', '9510'], {
    stdio: 'ignore',
  });
  while (!inside('ss', '-tlnH').includes(':9510 ') && other.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
  const without = ['setpriv', '--bounding-set=-sys_ptrace,-dac_override,-dac_read_search', process.execPath, TCPWB, 'sockets', '--listen'];
  const text = inside(...without);
  other.kill();
  await once(other, 'close');
  expect(text).toMatch(/^LISTEN +0\.0\.0\.0:9510 .*a process not seen, of nobody$/m);
  expect(text).toMatch(/^The owners of \d+ sockets are not known: \d+ processes may not be looked into by this user\.$/m);
});
