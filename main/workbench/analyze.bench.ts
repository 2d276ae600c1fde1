import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Analysis } from '../analysis/analysis.ts';
import { openFile } from '../capture/read-capture.ts';
import { PACKETS_EACH, writeCrowd } from './testing/crowd.ts';

/**
 * How fast captures are read and how much memory that takes: `npm run bench -- analyze [NAME...]`, with tcptrace and
 * tshark (where they are installed) beside us on the same files. One JSON line for each program: all are whole processes on one
 * core, measured in seconds of processor time (user and system), the median of `runs`.
 */
const RUNS = 5;

interface Crowd {
  readonly name: string;
  readonly connections: number;
  readonly abreast: number;
  /** How often each program reads it. tshark would take minutes on the largest. */
  readonly runs: { readonly tcpwb: number; readonly tcptrace: number; readonly tshark: number };
}

const CROWDS: readonly Crowd[] = [
  { name: '2-million', connections: 100_000, abreast: 100_000, runs: { tcpwb: RUNS, tcptrace: RUNS, tshark: 1 } },
  { name: '10-million', connections: 500_000, abreast: 100_000, runs: { tcpwb: 3, tcptrace: 1, tshark: 0 } },
];

/** What our own process tells of one reading. */
interface Reading {
  readonly packets: number;
  readonly connections: number;
  readonly firstConnectionMs: number;
  readonly octetsPerPacket: number;
  readonly octetsPerConnection: number;
  readonly peakMegabytes: number;
}

/** Reads a capture, in a process of its own. */
async function read(path: string): Promise<void> {
  const start = performance.now();
  let first = Number.NaN;
  const analysis = new Analysis();
  const end = await openFile(path, {
    onBatch: (batch) => {
      analysis.add(batch);
      if (Number.isNaN(first) && analysis.connectionCount > 0) first = performance.now() - start;
    },
    fleeting: true,
  });
  if (!end.ok) throw new Error(end.error.message);
  const { packets, connections } = analysis.summary();
  const { memory } = analysis;
  const reading: Reading = {
    packets,
    connections,
    firstConnectionMs: first,
    octetsPerPacket: memory.packets / packets,
    octetsPerConnection: memory.connections / connections,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(reading));
}

interface Timed {
  readonly seconds: number;
  readonly output: string;
}

/** Keeps a program on the last core, where the system can. */
const ON_ONE_CORE = spawnSync('taskset', ['--version']).status === 0 ? `taskset --cpu-list ${availableParallelism() - 1} ` : '';

/** Processor time of a whole process, by the shell's own clock; undefined when there is no such program. */
function timed(command: readonly string[]): Timed | undefined {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const { stdout, stderr, status } = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time ${ON_ONE_CORE}${quoted}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status === 127) return undefined;
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}: ${stderr}`);
  const [user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { seconds: user! + system!, output: stdout };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

function measure(crowd: Crowd, path: string): void {
  const packets = crowd.connections * PACKETS_EACH;
  const programs = {
    tcpwb: [process.execPath, fileURLToPath(import.meta.url), 'read', path],
    tcptrace: ['tcptrace', '-n', path],
    tshark: ['tshark', '-n', '-q', '-z', 'conv,tcp', '-r', path],
  };
  // In turns: what else the machine does then falls on all of them.
  const runsOf = new Map(Object.keys(programs).map((program): [string, Timed[]] => [program, []]));
  for (let i = 0; i < Math.max(...Object.values(crowd.runs)); i++)
    for (const [program, command] of Object.entries(programs)) {
      const run = i < crowd.runs[program as keyof typeof programs] ? timed(command) : undefined;
      if (run) runsOf.get(program)!.push(run);
    }
  for (const [program, runs] of runsOf) {
    if (runs.length === 0) continue;
    const rates = runs.map(({ seconds }) => Math.round(packets / seconds));
    const own = program === 'tcpwb' ? (JSON.parse(runs[0]!.output) as Reading) : undefined;
    console.log(
      JSON.stringify({
        name: crowd.name,
        program,
        unit: 'packets/s',
        value: median(rates),
        runs: rates,
        octets: statSync(path).size,
        ...own,
      }),
    );
  }
}

function main(names: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'tcpwb-bench-'));
  try {
    for (const crowd of CROWDS.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const path = join(folder, `${crowd.name}.pcap`);
      writeCrowd(path, crowd.connections, crowd.abreast);
      measure(crowd, path);
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'read') await read(rest[0]!);
else main(process.argv.slice(2));
