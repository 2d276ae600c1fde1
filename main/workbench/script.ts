import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import type { ExperimentEvent, ExperimentReport, Result, WorkbenchError } from '../../preload/contract.ts';
import { createPcapngFile } from '../capture/pcapng-writer.ts';
import { type Difference, firstDifference, tell } from '../experiments/compare.ts';
import { runExperiment } from '../experiments/run.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok } from '../wire/result.ts';

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
}

/** Runs a script from a file, for the terminal. */
export async function runScript(
  { path, target, seed, parameters = {}, answers: answersPath, write }: ScriptOptions,
  onEvent: (event: ExperimentEvent) => void,
): Promise<Result<ExperimentReport, WorkbenchError>> {
  const source = await readText(path);
  if (!source.ok) return source;
  const answers = answersPath === undefined ? ok({}) : await readAnswers(answersPath);
  if (!answers.ok) return answers;
  const batches: FrameBatch[] = [];
  const name = basename(path).replace(/\.[cm]?[jt]s$/, '');
  const report = await runExperiment(
    { name, source: source.value, target, seed, parameters, answers: answers.value },
    { onEvent, onFrames: (batch) => batches.push(batch) },
  );
  if (write === undefined) return ok(report);
  const file = await createPcapngFile(write);
  if (!file.ok) return file;
  for (const batch of batches) {
    const written = await file.value.write(batch);
    if (!written.ok) return written;
  }
  const closed = await file.value.close();
  return closed.ok ? ok(report) : closed;
}

async function readText(path: string): Promise<Result<string, WorkbenchError>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : (cause as Error).message;
    return err({ kind: 'unreadable', message: `Cannot read ${path}: ${why}.` });
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
