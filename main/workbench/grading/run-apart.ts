import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { ExperimentReport, Result } from '../../../preload/contract.ts';
import type { Experiment } from '../../experiments/run.ts';
import { err, ok } from '../../wire/result.ts';
import { type Task, TOO_LARGE } from './task.ts';

export interface Limits {
  /** Seconds of real time. */
  readonly seconds: number;
  /** Mebioctets of the whole process. The sandbox inside has a smaller limit of its own. */
  readonly memory: number;
}

/**
 * Runs a script in a process of its own, so that whatever it does, it does to nobody else: when it takes too long or too much, that
 * process ends. An error is a sentence for the one who reads the grades.
 */
export function runApart(experiment: Experiment, { seconds, memory }: Limits): Promise<Result<ExperimentReport, string>> {
  return new Promise((resolve) => {
    const child = fork(join(import.meta.dirname, 'grade-child.js'), [], {
      execArgv: [`--max-old-space-size=${memory}`],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let settled = false;
    const settle = (outcome: Result<ExperimentReport, string>): void => {
      if (settled) return;
      settled = true;
      clearTimeout(patience);
      child.kill('SIGKILL');
      resolve(outcome);
    };
    const patience = setTimeout(() => settle(err(`it took longer than ${seconds} s`)), seconds * 1000);
    child.once('message', (report) => settle(ok(report as ExperimentReport)));
    child.once('error', (cause) => settle(err(`it could not be run: ${cause.message}`)));
    child.once('exit', (code, signal) => {
      const why =
        signal === 'SIGABRT' || code === TOO_LARGE ? `it needs more than ${memory} MiB of memory` : `its process ended (${signal ?? code})`;
      settle(err(why));
    });
    const task: Task = { experiment, memory };
    child.send(task, (cause) => cause && settle(err(`it could not be run: ${cause.message}`)));
  });
}
