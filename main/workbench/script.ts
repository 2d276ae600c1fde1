import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { ExperimentEvent, ExperimentReport, Result, WorkbenchError } from '../../preload/contract.ts';
import { createPcapngFile } from '../capture/pcapng-writer.ts';
import { tell } from '../experiments/compare.ts';
import { type Difference, firstDifference } from '../experiments/difference.ts';
import { reportPage } from '../experiments/reports/page.ts';
import { runAsJson } from '../experiments/reports/recorded-run.ts';
import { type Experiment, runExperiment } from '../experiments/run.ts';
import { RunRecorder } from '../experiments/stepping/run-recorder.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok } from '../wire/result.ts';
import { loopbackTap } from './loopback-tap.ts';
import { version } from './places.ts';

export interface ScriptOptions {
  readonly path: string;
  readonly target: 'engine' | 'kernel';
  readonly seed: number;
  /** Named values for the script; a text stands for a number or a truth value where the script wants one. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** A file with answers to the script's questions: a JSON object by question or by its number. */
  readonly answers?: string;
  /** Where the segments go, as pcapng. */
  readonly write?: string;
  /** Where a report goes: a page of HTML, or data for a name that ends in `.json`. */
  readonly report?: string;
}

/** Runs a script from a file, for the terminal. */
export async function runScript(
  options: ScriptOptions,
  onEvent: (event: ExperimentEvent) => void,
): Promise<Result<ExperimentReport, WorkbenchError>> {
  const experiment = await readExperiment(options);
  if (!experiment.ok) return experiment;
  const batches: FrameBatch[] = [];
  const events: ExperimentEvent[] = [];
  const recorder = options.report !== undefined && options.target === 'engine' ? new RunRecorder() : undefined;
  const report = await runExperiment(experiment.value, {
    onEvent: (event) => {
      if (options.report !== undefined) events.push(event);
      onEvent(event);
    },
    onFrames: (batch) => {
      if (options.write !== undefined) batches.push(batch);
    },
    ...(recorder && { recorder }),
    ...(options.target === 'kernel' && { tap: loopbackTap() }),
  });
  if (options.report !== undefined) {
    const run = { report, events, happenings: recorder?.hasBegun ? recorder.journal.happenings : [], versions: versions() };
    const written = await writeText(options.report, isJson(options.report) ? JSON.stringify(runAsJson(run)) : reportPage(run));
    if (!written.ok) return written;
  }
  if (options.write === undefined) return ok(report);
  return (await writeFrames(options.write, batches)) ?? ok(report);
}

/** The script and the answers from their files. */
export async function readExperiment({
  path,
  target,
  seed,
  parameters = {},
  answers: answersPath,
}: ScriptOptions): Promise<Result<Experiment, WorkbenchError>> {
  const source = await readText(path);
  if (!source.ok) return source;
  const answers = answersPath === undefined ? ok({}) : await readAnswers(answersPath);
  if (!answers.ok) return answers;
  return ok({ name: basename(path).replace(/\.[cm]?[jt]s$/, ''), source: source.value, target, seed, parameters, answers: answers.value });
}

/** The scripts (`.ts`) among files and in folders, in the order of their names. */
export async function scriptsAmong(paths: readonly string[]): Promise<Result<readonly string[], WorkbenchError>> {
  const found: string[] = [];
  for (const path of paths) {
    try {
      if (!(await stat(path)).isDirectory()) found.push(path);
      else
        found.push(
          ...(await readdir(path))
            .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
            .sort()
            .map((name) => join(path, name)),
        );
    } catch (cause) {
      return err({ kind: 'unreadable', message: `Cannot read ${path}: ${reasonOf(cause)}.` });
    }
  }
  return found.length > 0 ? ok(found) : err({ kind: 'unreadable', message: `There is no script (.ts) in ${paths.join(', ')}.` });
}

const isJson = (path: string): boolean => path.endsWith('.json');
const versions = () => ({ 'TCP Workbench': version(), Node: process.version });

async function writeFrames(path: string, batches: readonly FrameBatch[]): Promise<Result<never, WorkbenchError> | undefined> {
  const file = await createPcapngFile(path);
  if (!file.ok) return file;
  for (const batch of batches) {
    const written = await file.value.write(batch);
    if (!written.ok) return written;
  }
  const closed = await file.value.close();
  return closed.ok ? undefined : closed;
}

async function writeText(path: string, text: string): Promise<Result<null, WorkbenchError>> {
  try {
    await writeFile(path, text);
    return ok(null);
  } catch (cause) {
    return err({ kind: 'unwritable', message: `Cannot write ${path}: ${reasonOf(cause)}.` });
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'there is no such file or folder' : code === 'EISDIR' ? 'it is a folder' : message;
}

async function readText(path: string): Promise<Result<string, WorkbenchError>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (cause) {
    return err({ kind: 'unreadable', message: `Cannot read ${path}: ${reasonOf(cause)}.` });
  }
}

const answersFile = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

async function readAnswers(path: string): Promise<Result<z.infer<typeof answersFile>, WorkbenchError>> {
  const text = await readText(path);
  if (!text.ok) return text;
  const shape = `${path} should be a JSON object of answers by question or by its number, such as {"1": "ESTABLISHED"}`;
  try {
    const read = answersFile.safeParse(JSON.parse(text.value));
    return read.success ? ok(read.data) : err({ kind: 'unreadable', message: `${shape}.` });
  } catch (cause) {
    return err({ kind: 'unreadable', message: `${shape}; it is no JSON: ${(cause as Error).message}` });
  }
}

/** Runs a script on the engine with another seed too, and says where the runs part; undefined when they never do. */
export async function compareSeeds(
  { path, seed, parameters = {} }: Pick<ScriptOptions, 'path' | 'seed' | 'parameters'>,
  otherSeed: number,
): Promise<Result<Difference | undefined, WorkbenchError>> {
  const source = await readText(path);
  if (!source.ok) return source;
  const ran = (seedOfRun: number) =>
    tell(
      { name: basename(path), source: source.value, target: 'engine', seed: seedOfRun, parameters },
      { onEvent: () => undefined, onFrames: () => undefined },
    );
  const [first, second] = [await ran(seed), await ran(otherSeed)];
  const { error } = first.report;
  if (error && (error.kind === 'syntax' || error.kind === 'unusable'))
    return err({ kind: error.kind, message: `${path}${error.at ? `:${error.at.line}:${error.at.column}` : ''}: ${error.message}` });
  return ok(firstDifference(first.told, second.told));
}
