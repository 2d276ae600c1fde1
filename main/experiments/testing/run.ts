import type { FrameBatch } from '../../wire/frame-batch.ts';
import type { Check, ExperimentEvent, ExperimentReport } from '../report.ts';
import { type Experiment, type RunObserver, runExperiment } from '../run.ts';

export interface Ran {
  readonly report: ExperimentReport;
  readonly events: readonly ExperimentEvent[];
  readonly frames: readonly FrameBatch[];
  /** What the script logged and noted. */
  readonly said: readonly string[];
  readonly failed: readonly Check[];
}

/** Runs a script, on the engine unless told otherwise, and keeps all it tells. */
export async function run(source: string, options: Partial<Experiment> & Partial<RunObserver> = {}): Promise<Ran> {
  const { limits, stop, tap, onSnapshot, onEvent, onQuestion, ...experiment } = options;
  const events: ExperimentEvent[] = [];
  const frames: FrameBatch[] = [];
  const observer: RunObserver = {
    onEvent: (event) => {
      events.push(event);
      onEvent?.(event);
    },
    onFrames: (batch) => frames.push(batch),
    ...(limits && { limits }),
    ...(stop && { stop }),
    ...(tap && { tap }),
    ...(onSnapshot && { onSnapshot }),
    ...(onQuestion && { onQuestion }),
  };
  const report = await runExperiment({ name: 'test', source, target: 'engine', seed: 1, ...experiment }, observer);
  return {
    report,
    events,
    frames,
    said: events.flatMap((event) => (event.kind === 'log' ? [event.text] : [])),
    failed: report.checks.filter(({ ok }) => !ok),
  };
}
