import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ExperimentReport, Result, WorkbenchError } from '../../../preload/contract.ts';
import { nameHash } from '../../experiments/name-hash.ts';
import { ok } from '../../wire/result.ts';
import { readExperiment, scriptsAmong } from '../script.ts';
import { runApart } from './run-apart.ts';
import type { Limits } from './task.ts';

/** One student's file, graded. */
export interface Grade {
  readonly file: string;
  readonly outcome: ExperimentReport['outcome'];
  readonly passed: number;
  readonly checks: number;
  /** Of the questions that were answered. */
  readonly right: number;
  readonly answered: number;
  readonly questions: number;
  readonly seed: number;
  /** Why it could not be run to its end. */
  readonly error: { readonly message: string; readonly line?: number } | undefined;
  readonly failed: readonly { readonly description: string; readonly expected: string; readonly actual: string; readonly line?: number }[];
}

export interface GradeOptions {
  readonly folder: string;
  readonly seed: number;
  /** Each file gets a seed from its name in place of `seed`: every student has a task of their own. */
  readonly ownSeeds: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

/** How many files run side by side. */
const AT_ONCE = 2;

/**
 * Every script in a folder, each in a process of its own, in the order of their names. Answers to a script's questions are looked
 * for beside it: `anna.answers.json` for `anna.ts`.
 */
export async function grade(options: GradeOptions, onGrade: (grade: Grade) => void): Promise<Result<readonly Grade[], WorkbenchError>> {
  const scripts = await scriptsAmong([options.folder]);
  if (!scripts.ok) return scripts;
  const grades: Promise<Grade>[] = [];
  const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  for (const [i, path] of scripts.value.entries()) {
    const graded = lanes[i % AT_ONCE]!.then(() => gradeOne(path, options));
    lanes[i % AT_ONCE] = graded;
    grades.push(graded);
  }
  const all: Grade[] = [];
  for (const graded of grades) {
    const one = await graded;
    onGrade(one);
    all.push(one);
  }
  return ok(all);
}

async function gradeOne(path: string, { seed: common, ownSeeds, parameters, limits }: GradeOptions): Promise<Grade> {
  const seed = ownSeeds ? seedOf(basename(path)) : common;
  const answers = path.replace(/\.ts$/, '.answers.json');
  const experiment = await readExperiment({
    path,
    target: 'engine',
    seed,
    parameters,
    ...((await isFile(answers)) && { answers }),
  });
  if (!experiment.ok) return broken(path, seed, experiment.error.message);
  const ran = await runApart(experiment.value, limits);
  return ran.ok ? gradeOf(path, ran.value) : broken(path, seed, ran.error);
}

function gradeOf(path: string, { outcome, checks, predictions, seed, error }: ExperimentReport): Grade {
  const wrong = checks.filter((check) => !check.ok);
  return {
    file: basename(path),
    outcome,
    passed: checks.length - wrong.length,
    checks: checks.length,
    right: predictions.filter(({ right }) => right).length,
    answered: predictions.filter(({ answer }) => answer !== undefined).length,
    questions: predictions.length,
    seed,
    error: error && { message: error.message, ...(error.at && { line: error.at.line }) },
    failed: wrong.map(({ description, expected, actual, at }) => ({ description, expected, actual, ...(at && { line: at.line }) })),
  };
}

const broken = (path: string, seed: number, message: string): Grade => ({
  file: basename(path),
  outcome: 'error',
  passed: 0,
  checks: 0,
  right: 0,
  answered: 0,
  questions: 0,
  seed,
  error: { message },
  failed: [],
});

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The same for the same name; never 1, which is the seed of the defaults. */
const seedOf = (name: string): number => 2 + (nameHash(name) % 1_000_000);
