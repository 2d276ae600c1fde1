import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read } from '../../main/capture/testing/frames.ts';
import { builtHelper, payloadOf, sendDatagrams, until, vethPair } from '../../main/capture/testing/loopback.ts';

/** The helper as a program: what it prints, and how it ends. Needs root, for interfaces of its own. */

const PORT = 40_793;
const NOBODY = 65_534;
let helper = '';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpwb helper ')); // a path that a shell would tear apart
  chmodSync(folder, 0o755);
  helper = join(folder, 'tcpwb-capture');
  copyFileSync(builtHelper(), helper);
  chmodSync(helper, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: string[], options = {}) => {
  const { status, stdout, stderr } = spawnSync(helper, args, { encoding: 'utf8', timeout: 10_000, ...options });
  return { status, stdout, stderr };
};

/** A capture under way, and what it has written. */
async function started(...args: string[]) {
  const child = spawn(helper, ['capture', ...args]) as ChildProcessWithoutNullStreams;
  const pieces: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (text: Buffer) => {
    stderr += text;
  });
  const ended = new Promise<{ status: number | null; signal: string | null }>((resolve) =>
    child.on('close', (status, signal) => resolve({ status, signal })),
  );
  await until(() => pieces.length > 0 || child.exitCode !== null);
  return { child, ended, reading: () => read(pieces), stderr: () => stderr, octets: () => Buffer.concat(pieces) };
}

describe('list', () => {
  test('prints the interfaces as JSON, with what a capture there would be', () => {
    const { status, stdout } = run(['list']);
    const list = JSON.parse(stdout) as { name: string; addresses: unknown[] }[];
    expect(status).toBe(0);
    expect(list.find(({ name }) => name === 'lo')).toMatchObject({
      addresses: expect.arrayContaining([{ address: '127.0.0.1', prefixLength: 8, family: 'ipv4' }]),
      linkType: { name: 'ETHERNET', number: 1 },
      up: true,
      running: true,
      loopback: true,
      wireless: false,
      capture: { allowed: true },
    });
    expect(list.find(({ name }) => name === 'any')).toMatchObject({ linkType: { name: 'LINUX_SLL2', number: 276 } });
  });

  test('names every interface as the kernel does, escaped where JSON wants it', () => {
    const name = 'tc"\\pw\u0001';
    execFileSync('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', `tcpwbp${process.pid % 100_000}`]);
    try {
      const list = JSON.parse(run(['list']).stdout) as { name: string }[];
      expect(list.find((each) => each.name === name)).toMatchObject({
        up: false,
        capture: { allowed: false, why: expect.stringContaining('down') },
      });
    } finally {
      execFileSync('ip', ['link', 'del', name]);
    }
  });

  test('tells one who may not capture what would allow it; and that does', async () => {
    const asNobody = { uid: NOBODY, gid: NOBODY };
    const lo = () =>
      (JSON.parse(run(['list'], asNobody).stdout) as { name: string; capture: { fix?: string } }[]).find(({ name }) => name === 'lo')!;
    const before = lo();
    expect(before).toMatchObject({
      linkType: { name: 'ETHERNET', number: 1 },
      capture: { allowed: false, fix: `sudo setcap cap_net_raw+ep '${helper}'` },
    });
    const said = run(['capture', '-i', 'lo'], asNobody);
    expect(said.status).toBe(4);
    expect(JSON.parse(said.stderr)).toMatchObject({ error: 'no-permission', help: before.capture.fix });
    execFileSync('sh', ['-c', before.capture.fix!.replace(/^sudo /, '')]);
    expect(lo()).toMatchObject({ capture: { allowed: true } });
    execFileSync('setcap', ['-r', helper]);
  });
});

describe('capture', () => {
  test('shows packets within moments, keeps nanoseconds, and ends with statistics on SIGTERM', async () => {
    const capture = await started('-i', 'lo', '-f', `udp port ${PORT}`);
    expect(capture.reading().end).toMatchObject({
      ok: true,
      value: { frames: 0, interfaces: [{ name: 'lo', linkType: 1, snapLength: 262_144, filter: `udp port ${PORT}` }] },
    });
    await sendDatagrams(PORT, ['one', 'two']);
    await until(() => capture.reading().frames.length === 2);
    await sendDatagrams(PORT, ['three']);
    capture.child.kill('SIGTERM');
    expect(await capture.ended).toEqual({ status: 0, signal: null });
    const { frames, statistics, end } = capture.reading();
    expect(frames.map(({ octets }) => payloadOf(octets))).toEqual(['one', 'two', 'three']);
    expect(frames.some(({ nanoseconds }) => nanoseconds % 1000 !== 0)).toBe(true);
    // On lo the kernel shows every packet twice, leaving and arriving; libpcap drops the first of them after the count.
    expect(statistics.at(-1)).toMatchObject({ received: 6, delivered: 3, droppedByKernel: 0, droppedByInterface: 0 });
    expect(end.ok && end.value.note).toBeUndefined();
    expect(capture.stderr()).toBe('');
  });

  test('what it writes, tshark reads without complaint', async () => {
    const capture = await started('-i', 'any', '-f', `udp port ${PORT}`);
    await sendDatagrams(PORT, ['to this host']);
    capture.child.kill('SIGINT');
    await capture.ended;
    const path = join(folder, 'any.pcapng');
    writeFileSync(path, capture.octets());
    const fields = ['frame.encap_type', 'sll.pkttype', 'frame.packet_flags_direction', 'udp.dstport', 'frame.interface_name'];
    const { stdout, stderr } = spawnSync('tshark', ['-n', '-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], {
      encoding: 'utf8',
    });
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map(([, type, direction]) => [type, Number(direction)])).toEqual([['0', 1]]); // to this host, inbound
    for (const row of rows) expect(row.slice(3)).toEqual([String(PORT), 'any']);
    expect(
      stderr
        .split('\n')
        .filter((line) => !/Running as user/.test(line))
        .join(''),
    ).toBe('');
    expect(capture.reading().frames.every(({ linkType }) => linkType === 276)).toBe(true);
  });

  test('writes statistics every second, packets or none', async () => {
    const capture = await started('-i', 'lo', '-f', `udp port ${PORT}`);
    await until(() => capture.reading().statistics.length === 2);
    const [first, second] = capture.reading().statistics;
    const apart = second!.seconds + second!.nanoseconds / 1e9 - (first!.seconds + first!.nanoseconds / 1e9);
    expect(apart).toBeGreaterThan(0.9);
    expect(apart).toBeLessThan(2);
    capture.child.kill('SIGTERM');
    await capture.ended;
  });

  test('keeps the first octets where it should, and says how many there were', async () => {
    const capture = await started('-i', 'lo', '-s', '50', '-p', '-B', '512', '-f', `udp port ${PORT}`);
    await sendDatagrams(PORT, ['x'.repeat(1000)]);
    capture.child.kill('SIGTERM');
    await capture.ended;
    expect(capture.reading().frames.map(({ octets, originalLength }) => [octets.length, originalLength])).toEqual([[50, 1042]]);
  });

  test('once it captures, it has no privilege left', async () => {
    const capture = await started('-i', 'lo');
    const status = readFileSync(`/proc/${capture.child.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${NOBODY}\\s+${NOBODY}\\s+${NOBODY}\\s+${NOBODY}$`, 'm'));
    expect(status).toMatch(/^Groups:\s*$/m);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    capture.child.kill('SIGTERM');
    await capture.ended;
  });

  test('ends when its standard input does, if asked to', async () => {
    const capture = await started('-i', 'lo', '--stop-on-stdin-eof');
    capture.child.stdin.write('this is not the end');
    capture.child.stdin.end();
    expect(await capture.ended).toEqual({ status: 0, signal: null });
    expect(capture.reading().statistics).toHaveLength(1);
  });

  test('leaves in silence when nobody reads any more', async () => {
    const capture = await started('-i', 'lo', '-f', `udp port ${PORT}`);
    capture.child.stdout.destroy();
    await sendDatagrams(PORT, ['anyone?']);
    expect(await capture.ended).toEqual({ status: 0, signal: null });
    expect(capture.stderr()).toBe('');
  });

  test('does not outlive a stop by more than moments though its reader has stopped reading', async () => {
    const capture = await started('-i', 'lo', '-f', `udp port ${PORT}`);
    capture.child.stdout.pause();
    await sendDatagrams(PORT, Array(2000).fill('x'.repeat(1000)));
    capture.child.kill('SIGTERM');
    await until(() => capture.child.exitCode !== null || capture.child.signalCode !== null);
    capture.child.stdout.resume();
    expect((await capture.ended).signal).toBe('SIGALRM');
  });

  test('an interface that disappears: last statistics, one line, a status of its own', async () => {
    const name = `tcpwbh${process.pid % 100_000}`;
    const veth = vethPair(name);
    try {
      const capture = await started('-i', name);
      veth.remove();
      expect(await capture.ended).toEqual({ status: 7, signal: null });
      expect(JSON.parse(capture.stderr())).toMatchObject({ error: 'interface-lost', message: expect.stringContaining(name) });
      expect(capture.reading().statistics.length).toBeGreaterThan(0);
    } finally {
      veth.remove();
    }
  });
});

test.each([
  [[], 2, 'usage'],
  [['capture'], 2, 'usage'],
  [['capture', '-i', 'lo', '-s', '0'], 2, 'usage'],
  [['capture', '-i', 'lo', '-B', '1e9'], 2, 'usage'],
  [['capture', '-i', 'lo', 'tcp', 'port', '80'], 2, 'usage'],
  [['capture', '-i', 'lo', '--unknown'], 2, 'usage'],
  [['capture', '-i', 'tcpwb-none'], 3, 'no-such-interface'],
  [['capture', '-i', 'x'.repeat(10_000)], 3, 'no-such-interface'],
  [['capture', '-i', 'lo', '-f', 'tcp port "'], 6, 'bad-filter'],
])('%j ends with status %i: %s', (args, status, error) => {
  const said = run(args);
  expect(said).toMatchObject({ status, stdout: '' });
  expect(said.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(said.stderr)).toMatchObject({ error, message: expect.any(String), help: expect.any(String) });
});

test('an interface that is down says how to bring it up', () => {
  const name = `tcpwbd${process.pid % 100_000}`;
  execFileSync('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', `tcpwbp${process.pid % 100_000}`]);
  try {
    const said = run(['capture', '-i', name]);
    expect(said.status).toBe(5);
    expect(JSON.parse(said.stderr)).toMatchObject({ error: 'interface-down', help: `sudo ip link set ${name} up` });
  } finally {
    execFileSync('ip', ['link', 'del', name]);
  }
});
