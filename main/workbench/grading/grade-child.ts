import { runExperiment } from '../../experiments/run.ts';
import { type Task, TOO_LARGE } from './task.ts';

/** Buffers lie outside the heap that Node can limit, so the process looks at itself. */
const LOOK_EVERY = 50;

/** The process of one student's script: takes it, runs it, tells the report, and is ended by who started it. */
process.once('message', ({ experiment, memory }: Task) => {
  setInterval(() => process.memoryUsage.rss() > memory * 1024 * 1024 && process.exit(TOO_LARGE), LOOK_EVERY);
  void runExperiment(experiment, { onEvent: () => undefined, onFrames: () => undefined }).then((report) => process.send?.(report));
});
