import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { ExperimentReport, Result } from '../../../preload/contract.ts';
import type { Experiment } from '../../experiments/run.ts';
import { err, ok } from '../../wire/result.ts';
import { ExitStatus, type Limits, type Task } from './task.ts';

/** A process that does not even look at itself any more is ended after so many times its seconds of real time. */
const PATIENCE = 20;

/**
 * Runs a script in a process of its own, so that whatever it does, it does to nobody else: when it takes too long or too much, that
 * process ends. An error is a sentence for the one who reads the grades.
 */
export function runApart(experiment: Experiment, limits: Limits): Promise<Result<ExperimentReport, string>> {
  const { seconds, memory } = limits;
  const tooSlow = `it took longer than ${seconds} s`;
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
    const patience = setTimeout(() => settle(err(tooSlow)), PATIENCE * seconds * 1000);
    child.once('message', (report) => settle(ok(report as ExperimentReport)));
    child.once('error', (cause) => settle(err(`it could not be run: ${cause.message}`)));
    child.once('exit', (code, signal) => {
      if (code === ExitStatus.TOO_SLOW) settle(err(tooSlow));
      else if (code === ExitStatus.TOO_LARGE || signal === 'SIGABRT') settle(err(`it needs more than ${memory} MiB of memory`));
      else settle(err(`its process ended (${signal ?? code})`));
    });
    const task: Task = { experiment, limits };
    child.send(task, (cause) => cause && settle(err(`it could not be run: ${cause.message}`)));
  });
}
