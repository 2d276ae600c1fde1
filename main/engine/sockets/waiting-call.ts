import type { Result } from '../../wire/result.ts';
import { ms } from '../../wire/units.ts';
import type { Clock } from '../clock.ts';
import type { Attempt, Done, Settle } from './attempt.ts';
import { type Errno, fail } from './errno.ts';

/** A call that waits for its socket to change. */
export class WaitingCall {
  private readonly attempt: Attempt<unknown>;
  private readonly settle: Settle<unknown, unknown>;
  private readonly done: Done<unknown>;
  /** Takes the deadline away, where there is one. */
  private forgetDeadline: (() => void) | undefined;
  isOver = false;
  /** The call that began to wait after this one. */
  next: WaitingCall | undefined;

  constructor(attempt: Attempt<unknown>, settle: Settle<unknown, unknown>, done: Done<unknown>) {
    this.attempt = attempt;
    this.settle = settle;
    this.done = done;
  }

  /** Undefined when it has to wait on. */
  try(): Result<unknown, Errno> | undefined {
    return this.attempt.try();
  }

  end(result: Result<unknown, Errno>): void {
    this.isOver = true;
    this.forgetDeadline?.();
    this.done(this.settle(result));
  }

  /** SO_RCVTIMEO, SO_SNDTIMEO: it ends after so many milliseconds at the latest; `leave` takes it from where it waits. */
  endAfter(milliseconds: number, clock: Clock, leave: () => void): void {
    const timer = clock.after(ms(milliseconds), () => {
      leave();
      this.end(this.attempt.timedOut?.() ?? fail('EAGAIN', `the call waited for ${milliseconds} ms`));
    });
    this.forgetDeadline = () => clock.cancel(timer);
  }
}
