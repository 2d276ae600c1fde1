import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TunSummary } from '../../main/workbench/tun/tun-host.ts';
import { type Ran, ROOT } from './tcpwb.ts';

const TCPWB = join(ROOT, 'bin', 'tcpwb.mjs');
const KERNEL_SIDE = join(import.meta.dirname, 'kernel-side.mjs');
const LONGEST_MS = 25_000;
const LONGEST_GOODBYE_MS = 3000;
const STEP_MS = 50;

let made = 0;

/** A network of its own, with `lo` and nothing else, for a kernel that talks to an engine. Needs root. */
export class Namespace {
  readonly name = `tcpwb-${process.pid}-${++made}`;
  private readonly children = new Set<ChildProcess>();

  constructor() {
    execFileSync('ip', ['netns', 'add', this.name]);
    execFileSync('ip', ['-n', this.name, 'link', 'set', 'lo', 'up']);
  }

  /** Starts a program in it. It does not live longer than a test. */
  start(program: string, ...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
    const child = spawn('ip', ['netns', 'exec', this.name, program, ...args], { stdio: ['pipe', 'pipe', 'pipe'], timeout: LONGEST_MS });
    this.children.add(child);
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('latin1').on('data', (text) => {
        output[stream] += text;
      });
    child.stdin.on('error', () => {}); // it ended without reading all of its input
    const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...output }));
    return { child, ended };
  }

  /** Runs a program, with that on its standard input. */
  async run(input: string | Uint8Array, program: string, ...args: readonly string[]): Promise<Ran> {
    const { child, ended } = this.start(program, ...args);
    child.stdin?.end(input);
    return ended;
  }

  /** One of the programs of kernel-side.mjs: its first line, and its end. */
  async kernelSide(...args: readonly string[]): Promise<{ readonly said: unknown; readonly ended: Promise<Ran> }> {
    const { child, ended } = this.start(process.execPath, KERNEL_SIDE, ...args);
    return { said: await firstLine(child, ended), ended };
  }

  tcpwb(...args: readonly string[]) {
    return this.start(process.execPath, TCPWB, ...args);
  }

  /** An engine host at 10.9.0.2 and fd09::2, ready. */
  async engine(...options: readonly string[]): Promise<RunningEngine> {
    const addresses = ['--address', '10.9.0.2/24', '--address', 'fd09::2/64'];
    const { child, ended } = this.tcpwb('engine', '--tun', 'tcpwb0', ...addresses, '--json', ...options);
    const ready = await firstLine(child, ended);
    return {
      ready,
      pid: child.pid!,
      ended,
      async stop() {
        child.kill('SIGINT');
        const ran = await ended;
        if (ran.status !== 0) throw new Error(`tcpwb engine ended with ${ran.status}: ${ran.stderr}`);
        return JSON.parse(ran.stdout.trimEnd().split('\n').at(-1)!) as TunSummary;
      },
    };
  }

  /**
   * The kernel's TCP sockets that are neither listening nor in TIME-WAIT, as `ss` shows them. Those whose last segments are
   * still under way get a moment to go.
   */
  async openSockets(): Promise<readonly string[]> {
    for (let patience = LONGEST_GOODBYE_MS; ; patience -= STEP_MS) {
      const shown = execFileSync('ip', ['netns', 'exec', this.name, 'ss', '-Htan'], { encoding: 'utf8' });
      const open = shown.split('\n').filter((line) => line !== '' && !/^(LISTEN|TIME-WAIT)/.test(line));
      if (open.length === 0 || patience <= 0) return open;
      await sleep(STEP_MS);
    }
  }

  /** Ends what still runs in it, and with that the interfaces. */
  async close(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    execFileSync('ip', ['netns', 'del', this.name]);
  }
}

export interface RunningEngine {
  readonly ready: unknown;
  readonly pid: number;
  readonly ended: Promise<Ran>;
  /** Ctrl-C; gives its summary. */
  stop(): Promise<TunSummary>;
}

async function firstLine(child: ChildProcess, ended: Promise<Ran>): Promise<unknown> {
  const first = await Promise.race([once(child.stdout!, 'data'), ended]);
  if (!Array.isArray(first)) throw new Error(`${child.spawnargs.join(' ')} ended at once: ${first.stderr}`);
  return JSON.parse(String(first[0]).split('\n')[0]!);
}
