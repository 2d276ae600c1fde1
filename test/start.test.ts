import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/tcpwb.ts';

const { DISPLAY: _, WAYLAND_DISPLAY: __, ...headless } = process.env;

const childrenOf = (pid: number): readonly number[] => {
  const ps = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = ps
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return rows.filter(([, parent]) => parent === pid).map(([child]) => child as number);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test.each(['SIGINT', 'SIGTERM'] as const)(
  'without a display it prints the address and serves; %s ends all that it started',
  async (signal) => {
    const launcher = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
      cwd: ROOT,
      env: headless,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const address = new Promise<string>((resolve, reject) => {
      launcher.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
      launcher.stdout.setEncoding('utf8').on('data', (text) => {
        said += text;
        const found = /TCP Workbench: (http:\S+)/.exec(said);
        if (found?.[1]) resolve(found[1]);
      });
      launcher.on('exit', () => reject(new Error(said)));
    });
    const url = await address;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=/);
    expect((await fetch(url)).status).toBe(200);
    const servers = childrenOf(launcher.pid as number);
    expect(servers).toHaveLength(1);
    launcher.removeAllListeners('exit');
    launcher.kill(signal);
    await once(launcher, 'exit');
    expect(servers.filter(isAlive)).toEqual([]);
  },
);

test('a launcher that is killed outright leaves no server behind', async () => {
  const launcher = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    cwd: ROOT,
    env: headless,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve) => {
    launcher.stdout.setEncoding('utf8').on('data', (text) => {
      if (text.includes('TCP Workbench: http')) resolve();
    });
  });
  const [server] = childrenOf(launcher.pid as number);
  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  await expect.poll(() => isAlive(server as number), { timeout: 5000 }).toBe(false);
});
