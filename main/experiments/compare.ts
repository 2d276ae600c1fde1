import type { Told } from './difference.ts';
import type { ExperimentReport } from './report.ts';
import { type Experiment, type RunObserver, runExperiment } from './run.ts';
import { describe } from './stepping/describe.ts';
import type { Happening } from './stepping/journal.ts';
import { RunRecorder } from './stepping/run-recorder.ts';

export const told = (happenings: readonly Happening[]): readonly Told[] =>
  happenings.map(({ step, time, line, fact }) => ({ step, time, line, text: describe(fact) }));

/** Everything that happens in a run on the engine, in words, and how it ended. */
export async function tell(
  experiment: Experiment,
  observer: RunObserver,
): Promise<{ readonly report: ExperimentReport; readonly told: readonly Told[] }> {
  const recorder = new RunRecorder();
  const report = await runExperiment(experiment, { ...observer, recorder });
  return { report, told: told(recorder.journal.happenings) };
}
