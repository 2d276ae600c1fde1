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

interface Watched {
  readonly condition: () => boolean;
  readonly mode: Mode;
  readonly stack: string;
}
let watched: Watched[] = [];

interface Counted {
  readonly count: number;
  readonly segments: () => readonly Segment[];
  readonly mode: Mode;
  readonly stack: string;
}
const counted: Counted[] = [];

/** Something happened: a condition that should never hold is looked at again. */
export function lookAtWatched(): void {
  const { length } = watched;
  const before = watched;
  watched = watched.filter(({ condition }) => !condition());
  if (watched.length !== length) ask({ op: 'watching', count: watched.length });
  for (const { mode, stack } of before.filter((one) => !watched.includes(one)))
    record(mode, { holds: false, expected: 'never', actual: `it came to hold at ${String(ask({ op: 'now' }))} s` }, stack);
}

/** The run is over: what should never hold never did, and all segments that will ever be are there to be counted. */
export function concludeWatched(): void {
  for (const { mode, stack } of watched) record(mode, { holds: true, expected: 'never', actual: 'it never did' }, stack);
  watched = [];
  for (const { count, segments, mode, stack } of counted) {
    const seen = segments();
    record(mode, { holds: seen.length === count, expected: `exactly ${count}`, actual: `${seen.length}: ${inspect(seen)}` }, stack);
  }
}

/** `expect`, or `must` where a failure ends the script. */
const checks = (hard: boolean) => {
  const mode = (description: string): Mode => ({ description, hard, negated: false });
  return Object.assign((actual: unknown, description: string): Judge => new Judge(actual, mode(description)), {
    never(condition: () => boolean, description: string): void {
      watched.push({ condition, mode: mode(description), stack: here() });
      ask({ op: 'watching', count: watched.length });
      lookAtWatched();
    },
    async within(seconds: number, condition: () => boolean, description: string): Promise<void> {
      const stack = here();
      const holds = await comesToHold(condition, seconds, description, stack);
      record(mode(description), { holds, expected: `within ${seconds} s`, actual: holds ? 'it did' : `not within ${seconds} s` }, stack);
    },
    exactly(count: number, link: Link, which: (segment: Segment) => boolean, description: string): void {
      const before = link.segments().length;
      const segments = (): readonly Segment[] => link.segments().slice(before).filter(which);
      counted.push({ count, segments, mode: mode(description), stack: here() });
    },
  });
};
export const expect = checks(false);
export const must = checks(true);

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

class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

export async function awaitCondition(condition: () => boolean, seconds: number | undefined, what: string, stack: string): Promise<void> {
  if (await comesToHold(condition, seconds, what, stack)) return;
  const error = new TimeoutError(`waited ${seconds} s for ${what}`);
  Object.defineProperty(error, 'stack', { value: stack, configurable: true });
  throw error;
}
