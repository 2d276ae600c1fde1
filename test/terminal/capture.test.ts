import { type ChildProcess, spawnSync } from 'node:child_process';
import { on } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { echoServer, ncSays, telnetSays } from '../support/echo.ts';
import { ROOT, tcpwb } from '../support/tcpwb.ts';

const CLIENT = ['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'];
const SERVER = ['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED'];

/** Resolves once it says that packets are being captured. */
async function ready(child: ChildProcess): Promise<void> {
  let said = '';
  for await (const [text] of on(child.stderr!, 'data', { close: ['close'] })) {
    said += text;
    if (/^(Capturing|Following) .*\n/m.test(said)) return;
  }
  throw new Error(`it ended: ${said}`);
}

interface Span {
  readonly state: string;
  readonly from: number;
  readonly packet: number;
  readonly certainty: string;
}

describe('tcpwb capture on lo', () => {
  let echo: Awaited<ReturnType<typeof echoServer>>;
  beforeAll(async () => {
    echo = await echoServer();
  });
  afterAll(() => echo.close());

  test.each([
    ['nc', ncSays],
    ['telnet', telnetSays],
  ] as const)('a real %s session: both ends live all of it, each change naming its packet', async (_name, says) => {
    const { child, ended } = tcpwb('capture', '-i', 'lo', '-f', `tcp port ${echo.port}`, '--json', '--verbose');
    await ready(child);
    expect(await says(echo.port, 'hello, world\n')).toContain('hello, world');
    // The kernel hands a capture its packets a little later.
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'Capturing on lo (helper). Ctrl-C ends it.\n' });
    const { connections, droppedByKernel } = JSON.parse(stdout);
    expect(droppedByKernel).toBe(0);
    expect(connections).toHaveLength(1);
    const { client, server } = connections[0].states as { client: Span[]; server: Span[] };
    expect(client.map(({ state }) => state)).toEqual(CLIENT);
    expect(server.map(({ state }) => state)).toEqual(SERVER);
    expect([...client, ...server].every(({ packet, from }) => packet >= 1 && from > 1.7e9)).toBe(true);
    // SYN is packet 1, SYN,ACK 2, the third segment 3.
    expect(client.slice(1, 3).map(({ packet }) => packet)).toEqual([1, 2]);
    expect(server.slice(1, 3).map(({ packet }) => packet)).toEqual([1, 3]);
    expect(child.exitCode).toBe(0);
  });

  test('a filter that is none, an interface that is none: one line and status 2', async () => {
    const bad = await tcpwb('capture', '-i', 'lo', '-f', 'tcp prot 1').ended;
    expect(bad.status).toBe(2);
    expect(bad.stderr.trim().split('\n')).toHaveLength(1);
    const none = await tcpwb('capture', '-i', 'no-such-if0').ended;
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('no-such-if0');
    const folder = mkdtempSync(join(tmpdir(), 'tcpwb-kept-'));
    const before = join(folder, 'before.pcapng');
    writeFileSync(before, 'of yesterday');
    await tcpwb('capture', '-i', 'no-such-if0', '-w', before).ended;
    expect(readFileSync(before, 'utf8')).toBe('of yesterday');
    rmSync(folder, { recursive: true });
  });

  test('drops are told by who counted them, and not where nobody did', async () => {
    const lastLine = async (backend: string) => {
      const args = ['-i', 'lo', '-f', 'tcp port 1', '--backend', backend, '--duration', '0.5'];
      return (await tcpwb('capture', ...args).ended).stdout.trim().split('\n').at(-1);
    };
    expect(await lastLine('helper')).toBe(
      '0 packets, 0 TCP, 0 malformed, 0 connections; dropped: by the kernel 0, by the interface 0, by us 0',
    );
    expect(await lastLine('cap')).toContain('dropped: nobody tells how many by the kernel, by us 0');
  });

  test('SIGINT ends the capture and the summary still comes', async () => {
    const { child, ended } = tcpwb('capture', '-i', 'lo', '-f', 'tcp port 1');
    await ready(child);
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(0);
    expect(stdout).toContain('0 packets');
  });
});

describe('tcpwb capture -r', () => {
  const HTTP = join(ROOT, '..', 'shared', 'captures', 'zeek-http-bro.org.pcap');
  const octets = readFileSync(HTTP);
  const half = 100_000;

  test('a file that is still being written: what is there, what comes, and on Ctrl-C what analyze says of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tcpwb-follow-'));
    const path = join(folder, 'growing.pcap');
    const copy = join(folder, 'copy.pcapng');
    writeFileSync(path, octets.subarray(0, half));
    const { child, ended } = tcpwb('capture', '-r', path, '-w', copy, '--json', '--verbose');
    await ready(child);
    appendFileSync(path, octets.subarray(half));
    await vi.waitFor(() => expect(statSync(copy).size).toBeGreaterThan(octets.length), 10_000);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: `Following ${path}. Ctrl-C ends it.\n` });
    const said = JSON.parse(stdout);
    const whole = JSON.parse((await tcpwb('analyze', HTTP, '--json').ended).stdout);
    expect(said).toMatchObject({ packets: 751, tcpPackets: 751, malformed: 0 });
    expect(said.connections).toEqual(whole.connections);
    rmSync(folder, { recursive: true });
  });

  test('standard input, until it ends', async () => {
    const { child, ended } = tcpwb('capture', '-r', '-');
    child.stdin?.write(octets.subarray(0, half));
    child.stdin?.end(octets.subarray(half));
    const { status, stdout, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'Following standard input. Ctrl-C ends it.\n' });
    expect(stdout).toContain('751 packets, 751 TCP, 0 malformed, 13 connections\n');
  });

  test('a file that cannot grow is told of at once; the capture goes on, and what it saw is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tcpwb-full-'));
    const command = 'trap "" XFSZ; ulimit -f 100; exec node bin/tcpwb.mjs capture -r - --json -w "$0"';
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command, join(folder, 'copy.pcapng')], {
      cwd: ROOT,
      input: octets,
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^tcpwb: Cannot write .*copy.pcapng: .*EFBIG.* The capture goes on without its file, which ends there\.\n$/);
    expect({ status, said: JSON.parse(stdout) }).toMatchObject({ status: 1, said: { packets: 751, unwritten: { kind: 'unreadable' } } });
    rmSync(folder, { recursive: true });
  });

  test('Ctrl-C while standard input says nothing', async () => {
    const { child, ended } = tcpwb('capture', '-r', '-', '--json', '--verbose');
    await ready(child);
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect({ status, packets: JSON.parse(stdout).packets }).toEqual({ status: 0, packets: 0 });
  });

  test.each([
    [['-r', 'x.pcap', '-i', 'lo'], 'exclude each other'],
    [['-r', 'x.pcap', '-f', 'tcp'], '-f is for an interface'],
    [['-r', 'x.pcap', '-w', './x.pcap'], 'is the capture itself'],
    [['-r', 'none.pcap'], 'there is no such file'],
    [['-r', join(ROOT, 'package.json')], 'not a capture file'],
  ] as const)('%j is refused in one line', async (args, said) => {
    const { status, stderr } = await tcpwb('capture', ...args).ended;
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });
});
