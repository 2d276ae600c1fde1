import { Engine } from '../../engine/engine.ts';
import { Output } from '../lab/output.ts';
import type { ExperimentReport, ScriptError } from '../report.ts';
import type { Experiment, RunObserver } from '../run.ts';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import { parseScript } from './parse-script.ts';
import { BEGINNING, missOf } from './run-script.ts';
import { Runner } from './runner.ts';
import type { Place } from './script.ts';
import { settingsOf, usualDefines } from './settings.ts';
import type { ReadFile } from './shell.ts';
import { Teller } from './teller.ts';
import { standIn } from './usual-settings.ts';
import type { Miss } from './verdict.ts';

const VERSION = '4';
const MILLISECONDS_PER_LOOK = 30;

/** Ends a run that was told to end, or said too much. */
class Ended extends Error {
  readonly error: ScriptError;

  constructor(error: ScriptError) {
    super(error.message);
    this.error = error;
  }
}

/**
 * Runs a packetdrill script as an experiment: over IPv4 unless it says otherwise, its packets recorded, each expectation a check. Shell
 * scripts that its commands name are not there: what stands in for them is said.
 */
export async function runPacketdrill(experiment: Experiment, observer: RunObserver): Promise<ExperimentReport> {
  const { name, source, seed, target } = experiment;
  const end = (error: ScriptError): never => {
    throw new Ended(error);
  };
  const output = new Output({ ...DEFAULT_LIMITS, ...observer.limits }, (event) => observer.onEvent(event), end);
  const report = (error: ScriptError | undefined, duration: number): ExperimentReport => {
    const { checks } = output;
    const outcome = error ? 'error' : checks.every(({ ok }) => ok) ? 'passed' : 'failed';
    return { name, target, seed, outcome, checks, predictions: [], parameters: {}, error, duration };
  };
  const missing = (path: string): string => {
    const { text, said, isUsual } = standIn(path);
    const { place, bed } = runner as Runner;
    const at = { line: place.line, column: place.column };
    output.emit({ kind: 'log', time: bed.now, level: isUsual ? 'info' : 'warn', text: said, at });
    return text;
  };
  const runner = target === 'kernel' ? NO_KERNEL : prepare(source, missing);
  if (!(runner instanceof Runner)) {
    observer.recorder?.begin(new Engine({ seed: 1 })); // so that this run, too, can be asked where it is
    return report(runner, 0);
  }
  const { bed } = runner;
  const teller = new Teller(source, bed, observer, output);
  const stop = (): void => {
    if (observer.stop?.aborted) end({ kind: 'stopped', message: 'the run was stopped', help: undefined, at: runner.place });
  };
  bed.witness = teller.witness(stop);
  let error: ScriptError | undefined;
  try {
    await inTurns(runner, observer, () => {
      stop();
      teller.flush();
    });
  } catch (thrown) {
    if (thrown instanceof Ended) error = thrown.error;
    else error = judge(missOf(thrown), runner.place, (place, miss) => teller.missed(place, miss));
  }
  teller.flush();
  observer.onSnapshot?.(bed.engine.snapshot());
  return report(error, bed.now);
}

const NO_KERNEL: ScriptError = {
  kind: 'unusable',
  message: 'a packetdrill script runs on the engine only',
  help: 'Choose the engine.',
  at: undefined,
};

/** What runs the script, or what is wrong with it. */
function prepare(source: string, readFile: ReadFile): Runner | ScriptError {
  const script = parseScript(source, usualDefines(VERSION));
  if (!script.ok) return mistake(script.error.message, script.error);
  try {
    return new Runner(script.value, settingsOf(script.value, VERSION), readFile);
  } catch (thrown) {
    const { message, place } = missOf(thrown);
    return mistake(message, place ?? BEGINNING);
  }
}

const mistake = (message: string, { line, column }: Place): ScriptError => ({
  kind: 'syntax',
  message,
  help: undefined,
  at: { line, column },
});

/** Line by line; between two of them a person can hold the run, and the thread can hear other things. */
async function inTurns(runner: Runner, { gate, onSnapshot }: RunObserver, between: () => void): Promise<void> {
  let last = performance.now();
  for (const _ of runner.lines()) {
    between();
    await gate?.();
    between();
    if (performance.now() - last < MILLISECONDS_PER_LOOK) continue;
    last = performance.now();
    onSnapshot?.(runner.bed.engine.snapshot());
    await new Promise((resolve) => setImmediate(resolve));
  }
  await gate?.();
}

/** A miss is a check that failed, unless the script was never one that could hold: then it is an error. */
function judge(miss: Miss, at: Place, failed: (place: Place, miss: Miss) => void): ScriptError | undefined {
  const place = miss.place ?? at;
  if (miss.kind === 'mistake') return mistake(miss.message, place);
  if (miss.kind === 'unsupported') return { ...mistake(miss.message, place), kind: 'unusable' };
  failed(place, miss);
  return undefined;
}
