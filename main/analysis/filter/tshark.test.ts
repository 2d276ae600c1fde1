import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CaptureReader } from '../../capture/capture-reader.ts';
import { writePcapng } from '../../capture/pcapng-writer.ts';
import { captureFiles } from '../../capture/testing/captures.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { Analysis } from '../analysis.ts';
import { type Filter, readFilter } from './filter.ts';
import { Selection } from './selection.ts';
import { Subject } from './subject.ts';
import { DIFFERENT, FILTERS, TIMED } from './testing/filters.ts';
import { filterText } from './testing/random-filters.ts';

// The judge is the real tshark. All captures are put one behind the other into one file, frame n at second n, so that its
// "io,stat" tells frame by frame what many filters let pass; filters about time are put to it one by one, at the true times.

const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'tcpwb-filter-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Combined {
  /** Which capture each frame comes from, by frame number. */
  readonly origin: readonly string[];
  readonly path: string;
  readonly batches: readonly FrameBatch[];
  readonly analysis: Analysis;
}

function combine(name: string, files: readonly string[], secondsOf: (frame: number, batch: FrameBatch, i: number) => number): Combined {
  const batches: FrameBatch[] = [];
  const origin = [''];
  let frame = 0;
  for (const file of files) {
    const reader = new CaptureReader({
      onBatch: (batch) => {
        for (let i = 0; i < batch.count; i++) {
          batch.seconds[i] = secondsOf(frame, batch, i);
          if (name === 'numbered') batch.nanoseconds[i] = 0;
          origin[++frame] = basename(file);
        }
        batches.push(batch);
      },
    });
    reader.push(readFileSync(file));
    reader.finish();
  }
  const path = join(scratch, `${name}.pcapng`);
  writeFileSync(path, writePcapng(batches));
  const analysis = new Analysis();
  for (const batch of batches) analysis.add(batch);
  return { path, batches, analysis, origin };
}

/** Filters that are put to tshark one by one need not wait for large captures. */
const LARGE = 60_000;

let numbered: Combined;
let timed: Combined;
beforeAll(() => {
  numbered = combine('numbered', captureFiles(), (frame) => frame);
  const small = captureFiles().filter((file) => statSync(file).size < LARGE);
  timed = combine('timed', small, (_, batch, i) => batch.seconds[i]!);
});

/** For each filter the frames that pass, by their number. All are tried on a frame before the next is looked at. */
function ours(filters: readonly string[], { batches, analysis }: Combined): Map<string, Set<number>> {
  const { columns } = analysis.tables;
  const tried = filters.map((text) => ({ text, passes: usable(text).predicate('octets'), frames: new Set<number>() }));
  const subject = new Subject(analysis.tables);
  let row = 0;
  for (const batch of batches) {
    for (let i = 0; i < batch.count; i++) {
      subject.nextFrame(batch, i);
      subject.row = -1;
      if (row < columns.count && columns.frame(row) === subject.number) subject.seekRow(row++);
      for (const { passes, frames } of tried) if (passes(subject)) frames.add(subject.number);
    }
  }
  return new Map(tried.map(({ text, frames }) => [text, frames]));
}

function usable(text: string): Filter {
  const filter = readFilter(text);
  if (!filter.ok) throw new Error(`${text}: ${filter.error.message}`);
  return filter.value;
}

/** The same of many filters at once. A filter with a comma would be two to "io,stat". */
async function theirs(filters: readonly string[], { path }: Combined): Promise<Map<string, Set<number>>> {
  const { stdout } = await run('tshark', ['-n', '-2', '-r', path, '-q', '-z', ['io,stat,1', ...filters].join(',')], { maxBuffer: 1 << 29 });
  const found = new Map(filters.map((filter) => [filter, new Set<number>()]));
  for (const line of stdout.split('\n')) {
    const row = /^\|\s*(\d+) <>\s+(?:\d+|Dur)\s*\|(.*)$/.exec(line);
    if (!row) continue;
    const cells = row[2]!.split('|').map(Number);
    filters.forEach((filter, i) => {
      if (cells[2 * i]! > 0) found.get(filter)!.add(Number(row[1]) + 1);
    });
  }
  return found;
}

async function theirsAlone(filter: string, { path }: Combined, ...preferences: string[]): Promise<Set<number>> {
  const { stdout } = await run('tshark', [...preferences, '-n', '-2', '-r', path, '-Y', filter, '-T', 'fields', '-e', 'frame.number'], {
    maxBuffer: 1 << 28,
    env: { ...process.env, TZ: 'UTC' },
  });
  return new Set(stdout.split('\n').filter(Boolean).map(Number));
}

/** Frames that only one of us lets pass, apart from the captures on which we differ for a reason. */
function difference(mine: ReadonlySet<number>, their: ReadonlySet<number>, { origin }: Combined): string[] {
  const differ = [...mine].filter((frame) => !their.has(frame)).concat([...their].filter((frame) => !mine.has(frame)));
  // "io,stat" says nothing of the last frame: its second has no end.
  return differ
    .filter((frame) => frame < origin.length - 1 && !DIFFERENT.has(origin[frame]!))
    .map((frame) => `${origin[frame]} frame ${frame}`);
}

const GROUP = 50;

/** How many frames pass them, which are the same ones in tshark. */
async function agreed(filters: readonly string[]): Promise<number> {
  const mine = ours(filters, numbered);
  let passed = 0;
  for (let i = 0; i < filters.length; i += GROUP) {
    const group = filters.slice(i, i + GROUP);
    for (const [filter, their] of await theirs(group, numbered)) {
      expect({ filter, differ: difference(mine.get(filter)!, their, numbered) }).toEqual({ filter, differ: [] });
      passed += their.size;
    }
  }
  return passed;
}

test('every filter lets the same frames pass', async () => {
  expect(await agreed(FILTERS)).toBeGreaterThan(500_000);
}, 120_000);

/** More of them, with other seeds, after a change: `FILTER_RUNS=1000 FC_SEED=random`. */
const RUNS = Number(process.env.FILTER_RUNS ?? 100);

test(
  'so do filters drawn at random from the whole vocabulary',
  async () => {
    const { seed } = fc.readConfigureGlobal();
    const filters = [...new Set(fc.sample(filterText, { numRuns: RUNS, ...(seed === undefined ? {} : { seed }) }))];
    expect(await agreed(filters)).toBeGreaterThan(RUNS * 1000);
  },
  RUNS * 2000,
);

test('the same with the true times, and with sets', async () => {
  const mine = ours(TIMED, timed);
  for (const filter of TIMED) {
    const their = await theirsAlone(filter, timed);
    expect({ filter, differ: difference(mine.get(filter)!, their, timed) }).toEqual({ filter, differ: [] });
    expect({ filter, some: their.size > 0 }).toEqual({ filter, some: true });
  }
}, 120_000);

test('right checksums are the same; what we call wrong is, and what else tshark does was left to the network card', async () => {
  const [right, wrong] = ['tcp.checksum.status == 1', 'tcp.checksum.status == 0'] as const;
  const mine = ours([right, wrong], numbered);
  const check = (filter: string) => theirsAlone(filter, numbered, '-o', 'tcp.check_checksum:TRUE');
  expect(difference(mine.get(right)!, await check(right), numbered)).toEqual([]);
  const their = await check(wrong);
  expect([...mine.get(wrong)!].filter((frame) => !their.has(frame)).map((frame) => `${numbered.origin[frame]} frame ${frame}`)).toEqual([]);
  expect(mine.get(right)!.size).toBeGreaterThan(1000);
  expect(mine.get(wrong)!.size).toBeGreaterThan(100);
}, 60_000);

test('rows alone answer as the octets do', () => {
  const { analysis, batches } = numbered;
  const { columns } = analysis.tables;
  const fast = [...FILTERS, ...TIMED].map(usable).filter(({ needsOctets }) => !needsOctets);
  expect(fast.length).toBeGreaterThan(50);
  for (const filter of fast) {
    const rows = new Selection(filter, analysis.tables);
    rows.advance(Number.POSITIVE_INFINITY);
    const octets = new Selection({ ...filter, needsOctets: true }, analysis.tables);
    for (const batch of batches) octets.add(batch);
    const differ: number[] = [];
    for (let row = 0; row < columns.count; row++) if (rows.rows.has(row) !== octets.rows.has(row)) differ.push(columns.frame(row));
    expect({ filter: filter.text, differ }).toEqual({ filter: filter.text, differ: [] });
    expect(rows.connections).toEqual(octets.connections);
  }
}, 60_000);
