import type { Result } from '../../wire/result.ts';
import { ms } from '../../wire/units.ts';
import type { Engine } from '../engine.ts';
import type { Errno } from '../sockets/errno.ts';

/** A program's calls as a test reads best: the value, or the name of the error. */
export class Calls {
  readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Makes a call, runs until it ends, gives its value. */
  value<T>(make: (done: (result: Result<T, Errno>) => void) => void): T {
    const outcome = this.outcome(make);
    if (typeof outcome === 'string') throw new Error(`the call failed: ${outcome}`);
    return outcome.value;
  }

  /** Makes a call and lets nothing happen: 'ok', the errno, or 'waits'. */
  now(make: (done: (result: Result<unknown, Errno>) => void) => void): string {
    let outcome = 'waits';
    make((result) => {
      outcome = result.ok ? 'ok' : result.error.errno;
    });
    return outcome;
  }

  /** Makes a call, runs until it ends: 'ok' or the errno. */
  errno(make: (done: (result: Result<unknown, Errno>) => void) => void): string {
    const outcome = this.outcome(make);
    return typeof outcome === 'string' ? outcome : 'ok';
  }

  run(milliseconds: number): void {
    this.engine.runFor(ms(milliseconds));
  }

  private outcome<T>(make: (done: (result: Result<T, Errno>) => void) => void): { readonly value: T } | string {
    let result: Result<T, Errno> | undefined;
    make((told) => {
      result = told;
    });
    while (!result && this.engine.step());
    if (!result) throw new Error('the call never ended');
    return result.ok ? { value: result.value } : result.error.errno;
  }
}
