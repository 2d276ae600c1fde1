import type { ScriptError, ScriptPosition } from '../report.ts';
import { placeText } from '../sandbox/position.ts';
import type { LabFailure, LabMessage } from './requests.ts';

type Settled = Extract<LabMessage, { kind: 'settle' }>;

interface Waiting {
  /** Who waits for what, as in "server: accept(3) waits for a connection in the accept queue". */
  readonly what: string;
  readonly since: number;
  readonly at: ScriptPosition | undefined;
  /** Whoever only looks at what happens is woken by everything that happens. */
  readonly wokenByAll: boolean;
}

/** What the script waits for, and the answers that have come and not yet been given. */
export class Pending {
  private readonly waiting = new Map<number, Waiting>();
  private readonly answers: Settled[] = [];
  private ids = 0;

  begin(waiting: Waiting): number {
    this.waiting.set(++this.ids, waiting);
    return this.ids;
  }

  settle(id: number, answer: { readonly value: unknown } | { readonly error: LabFailure }): void {
    if (this.waiting.delete(id)) this.answers.push({ kind: 'settle', id, ...answer });
  }

  /** Something happened: whoever looks at everything looks again. */
  wakeLookers(): void {
    for (const [id, { wokenByAll }] of this.waiting) if (wokenByAll) this.settle(id, { value: null });
  }

  get hasAnswer(): boolean {
    return this.answers.length > 0;
  }

  /** The oldest answer that has come. */
  take(): Settled | undefined {
    return this.answers.shift();
  }

  /** Nothing will ever happen again: who waits for what, and where. */
  deadlock(why: string): ScriptError {
    const all = [...this.waiting.values()];
    const list = all.map(({ what, since, at }) => `${what}, since ${since / 1e9} s${placeText(at)}`);
    const message =
      all.length === 0
        ? `the script waits for a promise that nothing will settle (${why})`
        : `the script waits for something that never happens (${why}): ${list.slice(0, 20).join('; ')}`;
    return { kind: 'deadlock', message, help: DEADLOCK_HELP, at: all.at(-1)?.at };
  }
}

const DEADLOCK_HELP = 'Start one call without await, do what it waits for, then await it; or look whether the segment it needs was lost.';
