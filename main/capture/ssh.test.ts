import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrameBatch } from '../wire/frame-batch.ts';
import type { CaptureEnding, OpenOptions } from './capture-source.ts';
import { sshSource } from './ssh.ts';
import { framesOf } from './testing/frames.ts';
import { payloadOf, sendDatagrams, until } from './testing/loopback.ts';
import { type SshServer, sshServer } from './testing/ssh-server.ts';

const PORT = 40_795;
let server: SshServer;

beforeAll(async () => {
  server = await sshServer();
});
afterAll(() => server.stop());

async function capturing(host: string, options: Partial<OpenOptions> = {}) {
  const batches: FrameBatch[] = [];
  const endings: CaptureEnding[] = [];
  const opened = await sshSource(host, join(server.folder, 'ssh')).open(
    { interface: 'lo', filter: `udp port ${PORT}`, ...options },
    { onBatch: (batch) => void batches.push(batch), onEnd: (ending) => endings.push(ending) },
  );
  return { opened, endings, batches, payloads: () => framesOf(batches).map(({ octets }) => payloadOf(octets)) };
}

/** Its error, of a capture that did not begin. */
async function refusal(host: string, options: Partial<OpenOptions> = {}) {
  const { opened } = await capturing(host, options);
  if (opened.ok) throw new Error('it began');
  return opened.error;
}

/** Programs on this machine that capture for this test; pgrep fails when there are none. */
const capturers = (): string => spawnSync('pgrep', ['-fa', `port ${PORT}`], { encoding: 'utf8' }).stdout;

describe('another machine', () => {
  test('its packets come, and its capturing program ends with us', async () => {
    const { opened, endings, payloads } = await capturing('elsewhere');
    if (!opened.ok) throw new Error(opened.error.message);
    expect(opened.value.backend).toBe('ssh');
    await sendDatagrams(PORT, ['over', 'the', 'wire']);
    await until(() => payloads().length === 3);
    expect(payloads()).toEqual(['over', 'the', 'wire']);
    expect(capturers()).toMatch(/dumpcap|tcpdump/);
    await opened.value.close();
    expect(endings).toEqual([{ kind: 'closed' }]);
    await until(() => !/dumpcap|tcpdump/.test(capturers()));
  });

  test('the connection that brings the packets is not captured, whatever the filter', async () => {
    const { opened, batches, payloads } = await capturing('elsewhere', { filter: '' });
    if (!opened.ok) throw new Error(opened.error.message);
    await sendDatagrams(PORT, ['first']);
    await until(() => payloads().includes('first'));
    await sendDatagrams(PORT, ['last']);
    await until(() => payloads().includes('last'));
    await opened.value.close();
    const ports = framesOf(batches).flatMap(({ octets }) => [(octets[34]! << 8) | octets[35]!, (octets[36]! << 8) | octets[37]!]);
    expect(ports).not.toContain(server.port);
  });

  test('a filter or an interface that makes no sense there', async () => {
    expect(await refusal('elsewhere', { filter: 'tcp prot 80' })).toMatchObject({ kind: 'bad-filter' });
    expect(await refusal('elsewhere', { filter: `'; touch ${server.folder}/owned; '` })).toMatchObject({ kind: 'bad-filter' });
    expect(await refusal('elsewhere', { interface: 'nowhere0' })).toMatchObject({ kind: 'no-such-interface' });
    expect(() => readFileSync(join(server.folder, 'owned'))).toThrow('ENOENT');
  });

  test('a key that is not welcome, a machine that is not known, a name that is none', async () => {
    expect(await refusal('unwelcome')).toMatchObject({ kind: 'no-permission', help: expect.stringContaining('ssh-copy-id unwelcome') });
    expect(await refusal('unknown')).toMatchObject({
      kind: 'no-permission',
      message: expect.stringContaining('Host key verification failed'),
    });
    for (const host of ['-oProxyCommand=touch', 'a b', '$(id)', '']) expect(await refusal(host)).toMatchObject({ kind: 'usage' });
  });

  test('the connection breaks: what came is kept, and the ending says so', async () => {
    const { opened, endings, payloads } = await capturing('elsewhere');
    if (!opened.ok) throw new Error(opened.error.message);
    await sendDatagrams(PORT, ['kept']);
    await until(() => payloads().length === 1);
    process.kill(opened.value.pid, 'SIGKILL');
    await until(() => endings.length === 1);
    expect(endings[0]).toMatchObject({ kind: 'error', error: { kind: 'killed' } });
    expect(payloads()).toEqual(['kept']);
  });
});
