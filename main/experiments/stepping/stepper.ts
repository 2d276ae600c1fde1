import type { EngineSnapshot } from '../../engine/snapshot.ts';
import { nanos } from '../../wire/units.ts';
import type { ExperimentReport } from '../report.ts';
import { type Experiment, type RunObserver, runExperiment } from '../run.ts';
import type { Position, Unit } from './position.ts';
import { RunRecorder } from './run-recorder.ts';
import { type Search, type Stop, searchFor } from './stops.ts';

export interface StepperOptions {
  /** Stands still before the script's first line. */
  readonly paused?: boolean;
  /** Lines of the script at which `run` stops. */
  readonly breakpoints?: readonly number[];
  /** Octets the recording may take. */
  readonly limit?: number;
  /** Told at each change of the position that no command has asked for: a breakpoint, the end. */
  readonly onPosition?: (position: Position) => void;
}

/**
 * A run of a script on the engine that can be held, taken on step by step, and looked back into. The script's future depends on
 * nothing but itself, so to go back is to look at the recording, and to go on from there is to look forward in it, until the place
 * is reached where the run itself stands; only then does it run.
 */
export class Stepper {
  readonly recorder: RunRecorder;
  /** Resolves when the run is over. */
  readonly report: Promise<ExperimentReport>;
  private readonly onPosition: (position: Position) => void;
  private breakpoints: readonly number[];
  /** What the run looks for while it goes on; undefined while it is held. */
  private searches: readonly Search[] | undefined;
  /** Lets the run go on; undefined while it is not held at its gate. */
  private release: (() => void) | undefined;
  /** The step looked at; undefined follows the run. */
  private cursor: number | undefined = 0;
  private isOver = false;
  private isAbandoned = false;
  /** Those who wait for the run to stop. */
  private waiting: (() => void)[] = [];

  constructor(experiment: Experiment, observer: RunObserver, { paused = false, breakpoints = [], limit, onPosition }: StepperOptions = {}) {
    this.recorder = new RunRecorder(limit);
    this.breakpoints = breakpoints;
    this.onPosition = onPosition ?? (() => undefined);
    const run = runExperiment(experiment, { ...observer, recorder: this.recorder, gate: () => this.gate() });
    if (!paused) this.goOn([]);
    this.report = run.then((report) => {
      this.isOver = true;
      this.stop(this.searches && first(this.searches));
      return report;
    });
  }

  get position(): Position {
    const { recorder, cursor, isOver } = this;
    const run = isOver ? 'over' : this.searches ? 'running' : 'paused';
    if (!recorder.hasBegun) return { step: 0, time: 0, line: undefined, steps: 0, run };
    const { recording, journal } = recorder;
    const step = cursor ?? recording.length;
    return { step, time: recording.momentAt(step).time, line: journal.lineAt(step), steps: recording.length, run };
  }

  setBreakpoints(lines: readonly number[]): void {
    this.breakpoints = lines;
    if (this.searches && this.recorder.hasBegun)
      this.searches = [...this.searches, ...this.breakpointSearches(this.recorder.recording.length)];
  }

  /** Goes on until a breakpoint or the end; resolves when it stands. */
  run(): Promise<Position> {
    return this.runTo({ kind: 'end' });
  }

  /** Goes on to the first moment that fits, or a breakpoint on the way there, or the end. */
  async runTo(stop: Stop): Promise<Position> {
    if (!this.recorder.hasBegun) return this.position;
    const after = this.position.step;
    const searches = [searchFor(stop, after, this.recorder), ...this.breakpointSearches(after)];
    const found = first(searches);
    if (found !== undefined) this.cursor = found;
    else if (this.isOver) this.cursor = undefined;
    else {
      this.goOn(searches);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.position;
  }

  step(unit: Unit): Promise<Position> {
    return this.runTo({ kind: 'unit', unit });
  }

  /** To the one before: the last moment with which one of that unit ended, else the beginning. The run itself is held. */
  back(unit: Unit): Position {
    const { step } = this.pause();
    this.cursor = Math.max(0, unit === 'event' ? step - 1 : (this.recorder.journal.previous(unit, step) ?? 0));
    return this.position;
  }

  /** To any moment; one that the run has not come to yet is run to. */
  async seek(to: { readonly step: number } | { readonly time: number }): Promise<Position> {
    if (!this.recorder.hasBegun) return this.position;
    const { recording } = this.recorder;
    const isAhead = 'step' in to ? to.step > recording.length : to.time > recording.momentAt(recording.length).time;
    if (isAhead) {
      this.cursor = undefined; // nothing of what is known lies beyond
      return this.runTo('step' in to ? { kind: 'step', ...to } : { kind: 'time', ...to });
    }
    this.pause();
    this.cursor = 'step' in to ? Math.max(0, to.step) : recording.stepAt(nanos(to.time));
    return this.position;
  }

  /** Holds the run where it is. */
  pause(): Position {
    if (this.searches) this.stop(this.position.step);
    return this.position;
  }

  /** Lets a run that is held come to its end, because somebody has ended it. */
  abandon(): void {
    this.isAbandoned = true;
    this.release?.();
  }

  /** The engine as it was after a step. Where the recording was full it is as it was a little earlier: `step` says when. */
  moment(step: number): { readonly step: number; readonly snapshot: EngineSnapshot } {
    const { recording } = this.recorder;
    return { step: recording.momentAt(step).step, snapshot: recording.snapshot(step) };
  }

  private breakpointSearches(after: number): readonly Search[] {
    return this.breakpoints.length > 0 ? [searchFor({ kind: 'lines', lines: this.breakpoints }, after, this.recorder)] : [];
  }

  private goOn(searches: readonly Search[]): void {
    this.cursor = undefined;
    this.searches = searches.length > 0 ? searches : this.recorder.hasBegun ? this.breakpointSearches(0) : [];
    this.release?.();
    this.release = undefined;
  }

  /** Asked by the run before its first line and after everything that happens: a promise holds it. */
  private gate(): Promise<void> | undefined {
    if (this.isAbandoned) return undefined;
    if (this.searches) {
      const found = first(this.searches);
      if (found === undefined) return undefined;
      this.stop(found);
    }
    this.recorder.flush();
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  private stop(at: number | undefined): void {
    this.searches = undefined;
    this.cursor = at;
    for (const tell of this.waiting.splice(0)) tell();
    this.onPosition(this.position);
  }
}

function first(searches: readonly Search[]): number | undefined {
  const found = searches.flatMap((search) => search() ?? []);
  return found.length > 0 ? Math.min(...found) : undefined;
}
