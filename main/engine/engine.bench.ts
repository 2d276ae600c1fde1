import { recordedLives, scrub, slowDown } from './testing/recorded.ts';
import { bulk, echo, idle, lives, pair, timersFire, timersMove } from './testing/workloads.ts';

/**
 * How fast the engine is, and how large: `npm run bench -- engine [NAME...]`. One JSON line for each measurement; `value`
 * is the median of `runs`. Where `checksums` is true, every packet is turned into octets with its checksums and back.
 * Where `gso` is "on", up to 64 KiB travel as one; otherwise each segment by itself. A rate is `of` processor time, in which
 * what else a shared machine does is left out; that of the collector's and the compiler's threads is counted.
 */
const RUNS = 5;
const MEGABYTE = 1e6;

type Measurement = () => number;

interface Benchmark {
  readonly name: string;
  readonly unit: string;
  /** Long, and the same each time: one run is enough. */
  readonly once?: boolean;
  readonly checksums?: boolean;
  /** Segmentation offload at the sender, and a cable that carries what it forms as it is, as Linux's loopback does. */
  readonly gso?: boolean;
  /** Makes what is to be measured; each call of what it gives back is one run. */
  readonly prepare: () => Measurement;
}

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Runs `work` on `amount` of something; how much of it, in units of `unit`, a second of processor time does. */
const rate = (work: (amount: number) => void, amount: number, unit = 1): Measurement => {
  work(amount); // the just-in-time compiler shall have done with it
  return () => {
    const start = processorSeconds();
    work(amount);
    return amount / unit / (processorSeconds() - start);
  };
};

const octetsInUse = (): number => {
  if (!globalThis.gc) throw new Error('memory can be measured with `node --expose-gc` only');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage(); // `external` holds the array buffers, too
  return heapUsed + external;
};

const IDLE_CONNECTIONS = 100_000;
const GIBIBYTE = 2 ** 30;
const TIMERS = 100_000;

/** Octets for each established connection, both ends with their sockets and descriptors. */
function weigh(): number {
  const before = octetsInUse();
  const lab = idle(IDLE_CONNECTIONS);
  const weight = octetsInUse() - before;
  if (lab.engine.hosts.length !== 2) throw new Error('the laboratory is gone'); // keeps it alive until here
  return weight / IDLE_CONNECTIONS;
}

/** Memory of the whole process with a million connections in it, both ends and the room that the collector keeps for itself. */
function weighMillion(): number {
  const lab = idle(1_000_000);
  octetsInUse(); // what is no longer needed goes first
  const { rss } = process.memoryUsage();
  if (lab.engine.hosts.length !== 2) throw new Error('the laboratory is gone');
  return rss / GIBIBYTE;
}

/** Octets that one step of the run weighs in a recording that forgets nothing. */
function weighSteps(): number {
  kept = undefined; // of the run before
  const before = octetsInUse();
  kept = recordedLives(5000);
  return (octetsInUse() - before) / kept.length;
}
let kept: ReturnType<typeof recordedLives> | undefined;

const processorTime = (): number => process.cpuUsage().user;
const asOctets = (): ReturnType<typeof pair> => pair({ serialise: true });

const offloading = (): ReturnType<typeof pair> => pair({ offload: true }, true);

const BENCHMARKS: readonly Benchmark[] = [
  { name: 'bulk', unit: 'MB/s', prepare: () => rate(bulk(65_536), 256 * MEGABYTE, MEGABYTE) },
  { name: 'bulk', unit: 'MB/s', checksums: true, prepare: () => rate(bulk(65_536, asOctets()), 64 * MEGABYTE, MEGABYTE) },
  { name: 'bulk', unit: 'MB/s', gso: true, prepare: () => rate(bulk(65_536, offloading()), 512 * MEGABYTE, MEGABYTE) },
  { name: 'echo', unit: 'round trips/s', prepare: () => rate(echo(64), 100_000) },
  { name: 'echo', unit: 'round trips/s', checksums: true, prepare: () => rate(echo(64, asOctets()), 50_000) },
  { name: 'connect', unit: 'lives/s', prepare: () => rate(lives(100), 20_000) },
  { name: 'idle', unit: 'octets/connection', prepare: () => weigh },
  { name: 'idle-million', unit: 'GiB', once: true, prepare: () => weighMillion },
  { name: 'timers-fire', unit: 'timers/s', prepare: () => rate(timersFire(TIMERS), 1_000_000) },
  { name: 'timers-move', unit: 'timers/s', prepare: () => rate(timersMove(TIMERS), 1_000_000) },
  { name: 'record', unit: 'octets/step', prepare: () => weighSteps },
  { name: 'record-bulk', unit: 'times as long', prepare: () => () => slowDown((lab) => bulk(65_536, lab), 64 * MEGABYTE, processorTime) },
  { name: 'record-echo', unit: 'times as long', prepare: () => () => slowDown((lab) => echo(64, lab), 50_000, processorTime) },
  { name: 'scrub', unit: 'views/s', prepare: () => rate(scrub(recordedLives(5000)), 2000) },
];

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const rounded = (value: number): number => Number(value.toPrecision(4));

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
if (unknown !== undefined) {
  console.error(`no benchmark "${unknown}"; there are ${[...new Set(BENCHMARKS.map(({ name }) => name))].join(', ')}`);
  process.exit(2);
}
for (const { name, unit, checksums = false, gso = false, once = false, prepare } of BENCHMARKS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const measure = prepare();
  const runs = Array.from({ length: once ? 1 : RUNS }, () => rounded(measure()));
  const of = unit.endsWith('/s') ? { of: 'processor time' } : {};
  console.log(JSON.stringify({ bench: 'engine', name, value: median(runs), unit, ...of, runs, checksums, gso: gso ? 'on' : 'off' }));
}
