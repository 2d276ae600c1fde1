/** What a script is written in. */
export type Language = 'typescript' | 'packetdrill';

/** Where in a script something happened; both 1-based, in the script as its author wrote it. */
export interface ScriptPosition {
  readonly line: number;
  readonly column: number;
}

/** One expectation of a script, judged. `expected` and `actual` are texts for people. */
export interface Check {
  readonly ok: boolean;
  readonly description: string;
  readonly expected: string;
  readonly actual: string;
  readonly at: ScriptPosition | undefined;
}

/** A question the script asked its reader before it showed the answer. Being wrong is no failure. */
export interface Prediction {
  /** Its place in the run, from 1. */
  readonly number: number;
  readonly question: string;
  /** Empty when any answer may be given. */
  readonly choices: readonly string[];
  /** Undefined when nobody was asked, or nobody answered. */
  readonly answer: string | undefined;
  /** How it was in the run; undefined until the script says so. */
  readonly actual: string | undefined;
  /** Undefined without an answer, and until the script says how it was. */
  readonly right: boolean | undefined;
  readonly at: ScriptPosition | undefined;
}

export interface ScriptError {
  readonly kind: 'syntax' | 'thrown' | 'deadlock' | 'cpu-limit' | 'memory-limit' | 'output-limit' | 'stopped' | 'unusable';
  readonly message: string;
  readonly help: string | undefined;
  readonly at: ScriptPosition | undefined;
}

/** What a running experiment tells, in order. `time` is the target's clock in nanoseconds since the run began. */
export type ExperimentEvent =
  | {
      readonly kind: 'log';
      readonly time: number;
      readonly level: 'info' | 'note' | 'warn';
      readonly text: string;
      readonly at: ScriptPosition | undefined;
    }
  | { readonly kind: 'check'; readonly time: number; readonly check: Check }
  /** The run waits for the reader's answer. */
  | { readonly kind: 'question'; readonly time: number; readonly prediction: Prediction }
  /** Told when it turns out. */
  | { readonly kind: 'prediction'; readonly time: number; readonly prediction: Prediction }
  | {
      readonly kind: 'call';
      readonly time: number;
      readonly process: string;
      readonly call: string;
      readonly result: string;
      readonly at: ScriptPosition | undefined;
    };

export type Outcome = 'passed' | 'failed' | 'error';

export interface ExperimentReport {
  readonly name: string;
  readonly target: 'engine' | 'kernel';
  readonly seed: number;
  readonly outcome: Outcome;
  readonly checks: readonly Check[];
  readonly predictions: readonly Prediction[];
  /** The named values the script asked for, as they were in this run. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Set when the script itself ended badly; its checks up to there are kept. */
  readonly error: ScriptError | undefined;
  /** Nanoseconds on the target's clock from start to end. */
  readonly duration: number;
}
