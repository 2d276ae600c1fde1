import type { Place } from './script.ts';

/** How a script went. */
export interface Verdict {
  readonly passed: boolean;
  /** What kind of miss: a mistake in the script, something the engine cannot be asked, a wrong packet or result, or a right one at the wrong time. */
  readonly kind: 'passed' | 'mistake' | 'unsupported' | 'content' | 'timing';
  /** Where in the script, counted from 1, and what that line is. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly text: string | undefined;
  readonly message: string | undefined;
  /** What the script says and what happened, in the script's own notation; what differs stands between « and ». */
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

export const PASSED: Verdict = {
  passed: true,
  kind: 'passed',
  line: undefined,
  column: undefined,
  text: undefined,
  message: undefined,
  expected: undefined,
  actual: undefined,
};

/** Ends a run; `runScript` gives it as a `Verdict`. */
export class Miss extends Error {
  readonly kind: 'mistake' | 'unsupported' | 'content' | 'timing';
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  /** Undefined: where the run has come to. */
  place: Place | undefined;

  constructor(kind: Miss['kind'], message: string, expected?: string, actual?: string) {
    super(message);
    this.kind = kind;
    this.expected = expected;
    this.actual = actual;
  }

  /** It is about this very word of the script. */
  at({ line, column }: Place): this {
    this.place = { line, column };
    return this;
  }
}
