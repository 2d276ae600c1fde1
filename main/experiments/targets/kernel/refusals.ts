import { err, type Result } from '../../../wire/result.ts';
import type { Refusal } from '../target.ts';

/** What this machine's kernel cannot do for a script, or should not: the call, why, and what to use instead. */
export const onlyOnEngine = (call: string, why: string): Result<never, Refusal> =>
  err({ message: `${call}: ${why}; leave it out, or run this on the engine (--target engine)` });
