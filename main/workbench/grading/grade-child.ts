import { runExperiment } from '../../experiments/run.ts';
import { ExitStatus, type Limits, type Task } from './task.ts';

/** Buffers lie outside the heap that Node can limit, so the process looks at itself. */
const LOOK_EVERY = 50;

function look({ seconds, memory }: Limits): void {
  const { user, system } = process.cpuUsage();
  if ((user + system) / 1e6 > seconds) process.exit(ExitStatus.TOO_SLOW);
  if (process.memoryUsage.rss() > memory * 1024 * 1024) process.exit(ExitStatus.TOO_LARGE);
}

/** The process of one student's script: takes it, runs it, tells the report, and is ended by who started it. */
process.once('message', ({ experiment, limits }: Task) => {
  setInterval(look, LOOK_EVERY, limits);
  void runExperiment(experiment, { onEvent: () => undefined, onFrames: () => undefined }).then((report) => process.send?.(report));
});
