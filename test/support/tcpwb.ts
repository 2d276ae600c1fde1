import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
const TCPWB = join(ROOT, 'bin', 'tcpwb.mjs');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the terminal door as a person would. */
export function tcpwb(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
  const child = spawn(process.execPath, [TCPWB, ...args], { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return { child, ended: once(child, 'close').then(([status]) => ({ status: status as number | null, stdout, stderr })) };
}

/** The served door on a free port, with the captures named open. */
export async function served(
  ...captures: readonly string[]
): Promise<{ readonly url: string; readonly child: ChildProcess; close(): Promise<void> }> {
  const { child, ended } = tcpwb('serve', '--json', ...captures);
  const first = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
  if (!Array.isArray(first)) throw new Error(`tcpwb serve ended at once: ${first.stderr}`);
  const { url } = JSON.parse(String(first[0])) as { url: string };
  return {
    url,
    child,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
