import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CaptureCounters, CaptureHandle, CaptureSource } from './capture-source.ts';
import { dumpcapSource } from './dumpcap.ts';
import { helperSource } from './helper.ts';
import { findDumpcap, findHelper } from './places.ts';

/**
 * What gets lost while much is captured: `npm run bench -- capture [NAME...]`. Traffic of iperf3 on the loopback interface is
 * captured by our helper and by dumpcap side by side, each read by this process as the Workbench does.
 * One JSON line for each program.
 */
const SECONDS = 5;
const PORT = 9595;
const FILTER = `port ${PORT}`;

const LOADS: Readonly<Record<string, readonly string[]>> = {
  /** A bulk transfer cut into segments of 500 octets. */
  'small-segments': ['--set-mss', '500'],
  /** Sixteen octets a datagram, as fast as a process can send them. */
  flood: ['--udp', '--bitrate', '0', '--length', '16'],
};

interface Watched {
  readonly program: string;
  readonly handle: CaptureHandle;
  counters: CaptureCounters;
}

async function watch(program: string, source: CaptureSource): Promise<Watched> {
  const opened = await source.open({ interface: 'lo', filter: FILTER, snapLength: 128 }, { onBatch: () => {}, onEnd: () => {} });
  if (!opened.ok) throw new Error(opened.error.message);
  return { program, handle: opened.value, counters: opened.value.counters() };
}

const iperf3 = (...args: string[]): ChildProcess => spawn('iperf3', ['--port', String(PORT), ...args], { stdio: 'ignore' });

async function measure(name: string, load: readonly string[]): Promise<void> {
  const helper = findHelper({ within: process.cwd() });
  const dumpcap = findDumpcap();
  if (!helper || !dumpcap) throw new Error('needs our capture helper (npm start builds it) and dumpcap');
  const server = iperf3('--server', '--one-off', '--bind', '127.0.0.1');
  const over = once(server, 'exit');
  const watched = [await watch('helper', helperSource(helper)), await watch('dumpcap', dumpcapSource(dumpcap))];
  const client = iperf3('--client', '127.0.0.1', '--time', String(SECONDS), ...load);
  const [status] = await once(client, 'exit');
  if (status !== 0) throw new Error(`iperf3 ended with status ${status}`);
  await over;
  for (const one of watched) {
    await one.handle.close();
    one.counters = one.handle.counters();
  }
  for (const { program, counters } of watched) console.log(JSON.stringify({ name, program, seconds: SECONDS, ...counters }));
}

const names = process.argv.slice(2);
for (const [name, load] of Object.entries(LOADS)) if (names.length === 0 || names.includes(name)) await measure(name, load);
