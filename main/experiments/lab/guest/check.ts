import { ask, here, SystemError, wait } from './channel.ts';
import { inspect, sameContent } from './inspect.ts';

/** Thrown after a failed `must`, so that the script goes no further. */
class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}

interface Judged {
  readonly holds: boolean;
  readonly expected: string;
  readonly actual: string;
}

interface Mode {
  readonly description: string;
  readonly hard: boolean;
  readonly negated: boolean;
}

function record({ description, hard, negated }: Mode, { holds, expected, actual }: Judged, stack = here()): void {
  const ok = holds !== negated;
  ask({ op: 'check', ok, hard, description: String(description), expected: negated ? `not ${expected}` : expected, actual, stack });
  if (hard && !ok) throw new CheckFailed(`${description}: expected ${expected}, was ${actual}`);
}

class Judge {
  private readonly actual: unknown;
  private readonly mode: Mode;
  constructor(actual: unknown, mode: Mode) {
    this.actual = actual;
    this.mode = mode;
  }

  get not(): Judge {
    return new Judge(this.actual, { ...this.mode, negated: !this.mode.negated });
  }

  toBe(expected: unknown): void {
    this.judge(Object.is(this.actual, expected), inspect(expected));
  }
  toEqual(expected: unknown): void {
    this.judge(sameContent(this.actual, expected), inspect(expected));
  }
  toContain(expected: unknown): void {
    const { actual } = this;
    const holds = Array.isArray(actual)
      ? actual.some((one) => sameContent(one, expected))
      : typeof actual === 'string' && typeof expected === 'string' && actual.includes(expected);
    this.judge(holds, `something with ${inspect(expected)}`);
  }
  toBeGreaterThan(bound: number): void {
    this.judge(typeof this.actual === 'number' && this.actual > bound, `more than ${bound}`);
  }
  toBeLessThan(bound: number): void {
    this.judge(typeof this.actual === 'number' && this.actual < bound, `less than ${bound}`);
  }
  toBeCloseTo(expected: number, tolerance: number): void {
    const holds = typeof this.actual === 'number' && Math.abs(this.actual - expected) <= tolerance;
    this.judge(holds, `${expected}, give or take ${tolerance}`);
  }
  toHaveLength(expected: number): void {
    const length = (this.actual as { length?: unknown } | null | undefined)?.length;
    record(this.mode, {
      holds: length === expected,
      expected: `length ${expected}`,
      actual: `length ${inspect(length)}: ${inspect(this.actual)}`,
    });
  }
  toFailWith(errno: string): Promise<void> {
    const stack = here();
    const judged = (holds: boolean, actual: string): void => record(this.mode, { holds, expected: errno, actual }, stack);
    return Promise.resolve(this.actual).then(
      (value) => judged(false, `it succeeded with ${inspect(value)}`),
      (error: unknown) =>
        judged(error instanceof SystemError && error.errno === errno, error instanceof SystemError ? error.errno : inspect(error)),
    );
  }

  private judge(holds: boolean, expected: string): void {
    record(this.mode, { holds, expected, actual: inspect(this.actual) });
  }
}

const soft = (description: string): Mode => ({ description, hard: false, negated: false });
export const must = (actual: unknown, description: string): Judge => new Judge(actual, { description, hard: true, negated: false });

interface Watched {
  readonly condition: () => boolean;
  readonly description: string;
  readonly stack: string;
}
let watched: Watched[] = [];

function never(condition: () => boolean, description: string): void {
  watched.push({ condition, description, stack: here() });
  ask({ op: 'watching', count: watched.length });
  lookAtWatched();
}

/** Something happened: a condition that should never hold is looked at again. */
export function lookAtWatched(): void {
  const { length } = watched;
  watched = watched.filter(({ condition, description, stack }) => {
    if (!condition()) return true;
    record(soft(description), { holds: false, expected: 'never', actual: `it came to hold at ${String(ask({ op: 'now' }))} s` }, stack);
    return false;
  });
  if (watched.length !== length) ask({ op: 'watching', count: watched.length });
}

/** The run is over, and what should never hold never did. */
export function concludeWatched(): void {
  for (const { description, stack } of watched)
    record(soft(description), { holds: true, expected: 'never', actual: 'it never did' }, stack);
  watched = [];
}

function within(seconds: number, condition: () => boolean, description: string): Promise<void> {
  const stack = here();
  return comesToHold(condition, seconds, description, stack).then((holds) =>
    record(soft(description), { holds, expected: `within ${seconds} s`, actual: holds ? 'it did' : `not within ${seconds} s` }, stack),
  );
}

/** Looks at the condition after everything that happens; false when the time is up. */
export async function comesToHold(condition: () => boolean, seconds: number | undefined, what: string, stack: string): Promise<boolean> {
  if (condition()) return true;
  const deadline = seconds === undefined ? Number.POSITIVE_INFINITY : Number(ask({ op: 'now' })) + seconds;
  if (seconds !== undefined) ask({ op: 'alarm', seconds });
  for (;;) {
    await wait({ op: 'next', what: what.slice(0, 200), stack });
    if (condition()) return true;
    if (Number(ask({ op: 'now' })) >= deadline) return false;
  }
}

export const expect = Object.assign((actual: unknown, description: string): Judge => new Judge(actual, soft(description)), {
  never,
  within,
});

class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

export async function awaitCondition(condition: () => boolean, seconds: number | undefined, what: string, stack: string): Promise<void> {
  if (await comesToHold(condition, seconds, what, stack)) return;
  const error = new TimeoutError(`waited ${seconds} s for ${what}`);
  Object.defineProperty(error, 'stack', { value: stack, configurable: true });
  throw error;
}
