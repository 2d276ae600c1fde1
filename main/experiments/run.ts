import { Random } from '../engine/random.ts';
import type { EngineSnapshot } from '../engine/snapshot.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { LAB_LIBRARY } from './lab/library.ts';
import { Output } from './lab/output.ts';
import { Parameters } from './lab/parameters.ts';
import { Pending } from './lab/pending.ts';
import { type Answers, Predictions } from './lab/predictions.ts';
import { LabSession } from './lab/session.ts';
import { runPacketdrill } from './packetdrill/experiment.ts';
import type { ExperimentEvent, ExperimentReport, Language, Prediction, ScriptError } from './report.ts';
import { DEFAULT_LIMITS, type SandboxLimits } from './sandbox/limits.ts';
import { Sandbox, type Turn } from './sandbox/sandbox.ts';
import type { RunRecorder } from './stepping/run-recorder.ts';
import type { LiveTap } from './targets/kernel/live-tap.ts';
import { openTarget } from './targets/open-target.ts';
import type { Target } from './targets/target.ts';

export interface Experiment {
  readonly name: string;
  /** TypeScript, for which `lab.d.ts` says what it can use, or packetdrill's language. */
  readonly source: string;
  /** What it is written in; TypeScript when it does not say. */
  readonly language?: Language;
  readonly target: 'engine' | 'kernel';
  /** The same source, seed and parameters give the same events and frames on the engine. */
  readonly seed: number;
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** The reader's answers, where they are known beforehand. */
  readonly answers?: Answers;
}

/** Who is told about a run while it goes on. */
export interface RunObserver {
  onEvent(event: ExperimentEvent): void;
  /** What is put on the links; capture time is the target's clock. */
  onFrames(batch: FrameBatch): void;
  /** The engine as it stands, about 30 times a second and at the end. */
  onSnapshot?(snapshot: EngineSnapshot): void;
  /** Asks the reader what will happen; the target stands still until the answer is there. Undefined is no answer. */
  onQuestion?(prediction: Prediction): Promise<string | undefined>;
  /** Ends the run when it says so; an AbortSignal fits, and so does a getter over shared memory. Looked at all the time. */
  readonly stop?: { readonly aborted: boolean };
  readonly limits?: Partial<SandboxLimits>;
  /** Writes the run down; on the engine only. */
  readonly recorder?: RunRecorder;
  /** Shows the real segments; on the kernel only, which needs it. */
  readonly tap?: LiveTap;
  /** Asked before the first line and after everything that happens; the run goes on when its promise resolves. */
  gate?(): Promise<void> | undefined;
}

/** Runs one script to its end. Resolves for everything a script can do; rejects only for a defect of ours. */
export async function runExperiment(experiment: Experiment, observer: RunObserver): Promise<ExperimentReport> {
  if (experiment.language === 'packetdrill') return runPacketdrill(experiment, observer);
  const { name, target: kind, seed, source } = experiment;
  const { recorder, tap } = observer;
  const opened = await openTarget(kind, { seed, onFrames: (batch) => observer.onFrames(batch), recorder, tap });
  if (!opened.ok) return { name, target: kind, seed, outcome: 'error', ...NOTHING_SAID, error: opened.error };
  const target = opened.value;
  const run = await Run.begin(experiment, observer, target);
  try {
    const error = await run.toTheEnd(source);
    const { checks, predictions, parameters } = run;
    const outcome = error ? 'error' : checks.every(({ ok }) => ok) ? 'passed' : 'failed';
    return { name, target: kind, seed, outcome, checks, predictions, parameters, error, duration: target.now() };
  } finally {
    await run.close();
  }
}

const NOTHING_SAID = { checks: [], predictions: [], parameters: {}, duration: 0 };

const EVENTS_PER_LOOK = 64;
const MILLISECONDS_PER_LOOK = 30;
/** Events of the target without any answer for the script: past this they go in circles. */
const MOST_EVENTS_WITHOUT_ANSWER = 2_000_000;

class Run {
  private readonly observer: RunObserver;
  private readonly target: Target;
  private readonly pending = new Pending();
  private readonly output: Output;
  private readonly asked: Predictions;
  private readonly named: Parameters;
  private readonly session: LabSession;
  private readonly sandbox: Sandbox;
  private lastLook = performance.now();
  /** Milliseconds in which the run stood still because a person wanted it to: they count towards no limit. */
  private held = 0;

  static async begin(experiment: Experiment, observer: RunObserver, target: Target): Promise<Run> {
    const limits = { ...DEFAULT_LIMITS, ...observer.limits };
    let run: Run | undefined;
    const sandbox = await Sandbox.create({
      limits,
      stop: observer.stop ?? { aborted: false },
      wallClock: () => performance.now() - (run?.held ?? 0),
      library: LAB_LIBRARY,
      host: (request) => run?.session.answer(request) ?? '{}',
    });
    run = new Run(experiment, observer, target, sandbox, limits);
    return run;
  }

  private constructor(experiment: Experiment, observer: RunObserver, target: Target, sandbox: Sandbox, limits: SandboxLimits) {
    this.observer = observer;
    this.target = target;
    this.sandbox = sandbox;
    const end = (error: ScriptError): void => sandbox.end(error);
    this.output = new Output(limits, (event) => observer.onEvent(event), end);
    // Apart from the engine's own chance: a draw of the script must not shift the network's luck.
    const random = new Random(experiment.seed).fork();
    this.asked = new Predictions(experiment.answers ?? {});
    this.named = new Parameters(experiment.parameters ?? {}, experiment.seed);
    this.session = new LabSession({
      target,
      output: this.output,
      pending: this.pending,
      seed: experiment.seed,
      parameters: this.named,
      predictions: this.asked,
      onQuestion: observer.onQuestion && ((prediction) => observer.onQuestion!(prediction)),
      random: () => random.unit(),
      askLibrary: (message) => sandbox.ask(JSON.stringify(message)),
      end,
    });
  }

  get checks() {
    return this.output.checks;
  }
  get predictions() {
    return this.asked.all;
  }
  get parameters() {
    return this.named.used();
  }

  /** The script's turns and the target's events, one after another, until one of them has come to an end. */
  async toTheEnd(source: string): Promise<ScriptError | undefined> {
    await this.gate();
    let turn = this.sandbox.start(source);
    while (turn.state === 'waiting') {
      const answer = this.pending.take();
      if (answer) turn = this.sandbox.resume(JSON.stringify(answer));
      else if (this.session.asking) await this.hold(this.session.asking);
      else {
        const stuck = await this.advance();
        if (stuck) turn = stuck;
      }
      await this.gate();
      await this.look();
    }
    if (turn.state === 'finished') turn = this.conclude();
    return turn.state === 'failed' && !this.session.concluded ? turn.error : undefined;
  }

  async close(): Promise<void> {
    await this.target.close();
    this.show();
  }

  /** Lets the target go on until the script has an answer. A turn comes back when the run ends with it. */
  private async advance(): Promise<Turn | undefined> {
    for (let events = 1; events <= MOST_EVENTS_WITHOUT_ANSWER; events++) {
      if (!(await this.target.advance()))
        return { state: 'failed', error: this.pending.deadlock(this.target.stillBecause ?? 'nothing is left to happen') };
      this.pending.wakeLookers();
      const watched = this.session.watching > 0 ? this.sandbox.ask('{"kind":"watch"}') : undefined;
      if (watched && !watched.ok) return { state: 'failed', error: watched.error };
      const ended = this.sandbox.ended();
      if (ended) return { state: 'failed', error: ended };
      if (this.pending.hasAnswer) return undefined;
      const held = this.gate();
      if (held) await held; // most runs have no gate, and should not wait for a turn of the event loop at each event
      if (events % EVENTS_PER_LOOK === 0) await this.look();
    }
    return { state: 'failed', error: this.pending.deadlock('the network is busy, but only with itself') };
  }

  /** The gate, where it is shut. */
  private gate(): Promise<void> | undefined {
    const held = this.observer.gate?.();
    return held && this.hold(held);
  }

  private async hold(until: Promise<void>): Promise<void> {
    const since = performance.now();
    await until;
    this.held += performance.now() - since;
  }

  private conclude(): Turn {
    const concluded = this.sandbox.ask('{"kind":"finish"}');
    return concluded.ok ? { state: 'finished' } : { state: 'failed', error: concluded.error };
  }

  /** Every now and then: shows the engine, and lets the thread's other work (a message that says stop) happen. */
  private async look(): Promise<void> {
    const now = performance.now();
    if (now - this.lastLook < MILLISECONDS_PER_LOOK) return;
    this.lastLook = now;
    this.show();
    await new Promise((resolve) => setImmediate(resolve));
  }

  private show(): void {
    const snapshot = this.observer.onSnapshot && this.target.snapshot?.();
    if (snapshot) this.observer.onSnapshot?.(snapshot);
  }
}
