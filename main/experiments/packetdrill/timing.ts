import type { Nanos } from '../../wire/units.ts';
import type { Settings } from './settings.ts';
import { Miss } from './verdict.ts';

/** Seconds of a script's clock, as a script writes them. */
export const inSeconds = (time: number): string => (time / 1e9).toFixed(6);

interface Timing {
  /** What happens, for the message. */
  readonly what: string;
  readonly from: Nanos;
  readonly to: Nanos;
  readonly at: Nanos;
  /** Since the event before: the longer that is ago, the more tolerance. */
  readonly since: number;
}

/** Throws a `Miss` of its own kind when something is right, but not at its time. */
export function checkTime({ what, from, to, at, since }: Timing, { tolerance, tolerancePercent }: Settings): void {
  const slack = Math.max(tolerance, (since * tolerancePercent) / 100);
  if (at >= from - slack && at <= to + slack) return;
  const when = from === to ? inSeconds(from) : `${inSeconds(from)}~${inSeconds(to)}`;
  throw new Miss(
    'timing',
    `${what} at the wrong time: ${inSeconds(Math.round(slack))} s of tolerance`,
    `at ${when} s`,
    `at ${inSeconds(at)} s`,
  );
}
