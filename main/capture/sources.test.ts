import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { FrameBatch } from '../wire/frame-batch.ts';
import type { CaptureEnding, CaptureHandle, LocalBackend, OpenOptions } from './capture-source.ts';
import { listInterfaces } from './helper.ts';
import { captureSource, captureSources, openCapture } from './sources.ts';
import { framesOf } from './testing/frames.ts';
import { builtHelper, payloadOf, sendDatagrams, until, vethPair } from './testing/loopback.ts';

/** Real captures on the loopback interface and on interfaces made for the purpose: needs root, as the whole test run does. */

const PORT = 40_791;
const BACKENDS: readonly LocalBackend[] = ['helper', 'dumpcap', 'cap'];
let folder = '';
let places = {};

beforeAll(async () => {
  builtHelper();
  mkdirSync('out', { recursive: true }); // within the project, so that the child finds its package
  folder = mkdtempSync(resolve('out', 'cap-child-'));
  const bundle = await rolldown({ input: 'main/capture/cap-child.ts', platform: 'node' });
  const capChild = join(folder, 'cap-child.js');
  await bundle.write({ file: capChild, format: 'esm' });
  await bundle.close();
  places = { capChild };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An open capture and what it has given so far. */
async function capturing(backend: LocalBackend, options: Partial<OpenOptions> = {}, onBatch?: (batch: FrameBatch) => Promise<void>) {
  const batches: FrameBatch[] = [];
  const endings: CaptureEnding[] = [];
  const source = captureSource(backend, places);
  if (!source.ok) throw new Error(source.error.message);
  const opened = await source.value.open(
    { interface: 'lo', filter: `udp port ${PORT}`, ...options },
    {
      onBatch: (batch) => {
        batches.push(batch);
        return onBatch?.(batch);
      },
      onEnd: (ending) => endings.push(ending),
    },
  );
  const handle: CaptureHandle | undefined = opened.ok ? opened.value : undefined;
  return { opened, handle: handle!, endings, payloads: () => framesOf(batches).map(({ octets }) => payloadOf(octets)), batches };
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.each(BACKENDS)('%s', (backend) => {
  test('captures on lo: octets, times, counters; closing ends the process and tells so once', async () => {
    const capture = await capturing(backend);
    const before = Date.now() / 1000;
    await sendDatagrams(PORT, ['one', 'two', 'three']);
    await until(() => capture.payloads().length === 3);
    const after = Date.now() / 1000;
    expect(capture.payloads()).toEqual(['one', 'two', 'three']);
    for (const { seconds, nanoseconds, linkType } of framesOf(capture.batches)) {
      expect(seconds + nanoseconds / 1e9).toBeGreaterThan(before - 0.1);
      expect(seconds + nanoseconds / 1e9).toBeLessThan(after + 0.1);
      expect(linkType).toBe(1);
    }
    expect(capture.handle.backend).toBe(backend);
    expect(capture.handle.interface).toMatchObject({ id: 0, linkType: 1, name: 'lo' });
    await sendDatagrams(PORT, ['last']);
    if (backend !== 'helper') await until(() => capture.payloads().length === 4); // only the helper empties the kernel's buffer first
    await Promise.all([capture.handle.close(), capture.handle.close()]);
    expect(capture.payloads().at(-1)).toBe('last');
    expect(capture.endings).toEqual([{ kind: 'closed' }]);
    expect(capture.handle.counters()).toMatchObject({ received: 4, droppedByQueue: 0, ...(backend !== 'cap' && { droppedByKernel: 0 }) });
    await capture.handle.close();
    expect(alive(capture.handle.pid)).toBe(false);
    expect(capture.endings).toHaveLength(1);
  });

  test('a filter that makes no sense, and an interface that is not there', async () => {
    expect((await capturing(backend, { filter: 'tcp port (' })).opened).toMatchObject({ ok: false, error: { kind: 'bad-filter' } });
    expect((await capturing(backend, { interface: 'tcpwb-none' })).opened).toMatchObject({
      ok: false,
      error: { kind: 'no-such-interface' },
    });
  });

  test('killed from outside: what was read is delivered, and the ending names the signal', async () => {
    const capture = await capturing(backend);
    await sendDatagrams(PORT, ['before']);
    await until(() => capture.payloads().length === 1);
    process.kill(backend === 'dumpcap' ? childOf(capture.handle.pid) : capture.handle.pid, 'SIGKILL');
    await until(() => capture.endings.length > 0);
    expect(capture.endings).toMatchObject([{ kind: 'error', error: { kind: 'killed' } }]);
    expect(JSON.stringify(capture.endings)).toMatch(/SIGKILL|signal 9/);
    expect(capture.payloads()).toEqual(['before']);
    await capture.handle.close();
    expect(capture.endings).toHaveLength(1);
  });

  test('an interface unplugged while capturing', async () => {
    const name = `tcpwb${process.pid % 100_000}`;
    const veth = vethPair(name);
    try {
      const capture = await capturing(backend, { interface: name, filter: '' });
      expect(capture.opened).toMatchObject({ ok: true });
      veth.remove();
      await until(() => capture.endings.length > 0);
      expect(capture.endings).toMatchObject([{ kind: 'error', error: { kind: 'interface-lost' } }]);
    } finally {
      veth.remove();
    }
  });

  test('a consumer that falls behind loses frames, and they are counted', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resume) => {
      goOn = resume;
    });
    const capture = await capturing(backend, { queueMiB: 1 }, () => held);
    while (capture.handle.counters().droppedByQueue < 500) {
      await sendDatagrams(PORT, Array(50).fill('x'.repeat(1000)));
      await new Promise((pause) => setTimeout(pause, 5)); // cap's buffer holds some 250 packets, and nobody counts what it loses
    }
    goOn();
    await capture.handle.close();
    const { received, droppedByQueue } = capture.handle.counters();
    expect(capture.payloads()).toHaveLength(received - droppedByQueue);
  });

  test('a consumer that fails ends its capture and hears why', async () => {
    const capture = await capturing(backend, {}, () => Promise.reject(new Error('no room')));
    await sendDatagrams(PORT, ['one']);
    await until(() => capture.endings.length > 0);
    expect(capture.endings).toMatchObject([{ kind: 'error', error: { kind: 'internal', message: expect.stringContaining('no room') } }]);
    expect(alive(capture.handle.pid)).toBe(false);
  });
});

test.each(BACKENDS)('%s does not outlive a workbench that crashed, though no packet comes', async (backend) => {
  const entry = join(folder, `${backend}.ts`);
  const options = JSON.stringify({ interface: 'lo', filter: 'udp port 1 and host 192.0.2.1' });
  writeFileSync(
    entry,
    `import { captureSource } from ${JSON.stringify(resolve('main/capture/sources.ts'))};
    const source = captureSource('${backend}', ${JSON.stringify({ ...places, within: resolve('.') })});
    const opened = source.ok && (await source.value.open(${options}, { onBatch() {}, onEnd() {} }));
    if (opened && opened.ok) console.log(opened.value.pid);`,
  );
  const bundle = await rolldown({ input: entry, platform: 'node' });
  await bundle.write({ file: join(folder, `${backend}.mjs`), format: 'esm' });
  await bundle.close();
  const workbench = spawn(process.execPath, [join(folder, `${backend}.mjs`)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((told) => workbench.stdout.once('data', (text: Buffer) => told(Number(text))));
  const capturing = backend === 'dumpcap' ? childOf(pid) : pid;
  expect(alive(capturing)).toBe(true);
  workbench.kill('SIGKILL');
  await until(() => !alive(capturing) && !alive(pid));
});

const childOf = (pid: number): number => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.find((child) => readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'dumpcap')!;
};

test('what a short snapshot cuts off takes no room in the kernel’s buffer, also without a filter', async () => {
  const { handle, payloads } = await capturing('helper', { filter: '', snapLength: 128, bufferKiB: 1024 });
  process.kill(handle.pid, 'SIGSTOP'); // it must wait in the kernel
  const large = Array.from({ length: 100 }, (_, i) => `number ${i}`.padEnd(60_000, '.'));
  await sendDatagrams(PORT, large);
  process.kill(handle.pid, 'SIGCONT');
  const ours = () => payloads().filter((text) => text.startsWith('number '));
  await until(() => ours().length >= 100);
  expect(new Set(ours().map((text) => text.length))).toEqual(new Set([128 - 42]));
  await handle.close();
  expect(handle.counters().droppedByKernel).toBe(0);
});

test('the helper is tried first, then dumpcap, then cap', () => {
  expect(captureSources(places).map(({ backend }) => backend)).toEqual(BACKENDS);
  const bare = { within: '/', env: { PATH: '' } };
  expect(captureSources(bare)).toEqual([]);
  expect(captureSource('helper', bare)).toMatchObject({ ok: false, error: { kind: 'no-backend', help: expect.stringContaining('make') } });
});

test('a source that this user may not use gives way to one that he may', async () => {
  const open = mkdtempSync(join(tmpdir(), 'tcpwb-unable-')); // where anybody may run it
  onTestFinished(() => rmSync(open, { recursive: true }));
  chmodSync(open, 0o755);
  copyFileSync(builtHelper(), join(open, 'helper'));
  chmodSync(join(open, 'helper'), 0o755);
  const unable = join(open, 'unable');
  writeFileSync(unable, `#!/bin/sh\nexec setpriv --reuid=65534 --clear-groups ${open}/helper "$@"\n`, { mode: 0o755 });
  const env = { ...process.env, TCPWB_CAPTURE_HELPER: unable };
  const alone = await openCapture({ interface: 'lo' }, { onBatch: () => {}, onEnd: () => {} }, { env: { ...env, PATH: '' } });
  expect(alone).toMatchObject({ ok: false, error: { kind: 'no-permission', help: `sudo setcap cap_net_raw+ep ${open}/helper` } });
  const opened = await openCapture({ interface: 'lo' }, { onBatch: () => {}, onEnd: () => {} }, { env });
  expect(opened).toMatchObject({ ok: true, value: { backend: 'dumpcap' } });
  if (opened.ok) await opened.value.close();
});

test('the interfaces of this machine', async () => {
  const list = await listInterfaces(places);
  if (!list.ok) throw new Error(list.error.message);
  expect(list.value.find(({ name }) => name === 'lo')).toMatchObject({
    loopback: true,
    up: true,
    linkType: { name: 'ETHERNET', number: 1 },
    addresses: expect.arrayContaining([{ address: '127.0.0.1', prefixLength: 8, family: 'ipv4' }]),
    capture: { allowed: true },
  });
  expect(list.value.map(({ name }) => name)).toContain('any');
  expect(await listInterfaces({ env: { TCPWB_CAPTURE_HELPER: '/bin/true' } })).toMatchObject({ ok: false, error: { kind: 'internal' } });
  expect(await listInterfaces({ within: '/', env: {} })).toMatchObject({ ok: false, error: { kind: 'no-backend' } });
});
