import type { Result } from '../../wire/result.ts';
import { ms } from '../../wire/units.ts';
import { Timer } from '../clock.ts';
import type { Host } from '../host.ts';
import type { Done } from './attempt.ts';
import type { Errno } from './errno.ts';

/** Looks at what changed; true when that woke somebody who slept. */
export type Watcher = () => boolean;

/** Whatever can say that something changed. */
export interface Watchable {
  watch(watcher: Watcher): () => void;
}

/**
 * Waits on several things at once: tries again, in an event of its own, whenever one of them changes, until an attempt
 * gives a result or `milliseconds` are over (negative: never).
 */
export function waitOn<T>(
  host: Host,
  things: readonly Watchable[],
  attempt: () => Result<T, Errno> | undefined,
  milliseconds: number,
  inVain: () => Result<T, Errno>,
  done: Done<T>,
): void {
  const now = attempt() ?? (milliseconds === 0 ? inVain() : undefined);
  if (now) {
    done(now);
    return;
  }
  const end = (result: Result<T, Errno>): void => {
    for (const stop of stops) stop();
    host.clock.soon.cancel(again);
    host.clock.cancel(deadline);
    done(result);
  };
  const again = new Timer(() => {
    const result = attempt();
    if (result) end(result);
  });
  const deadline = new Timer(() => end(inVain()));
  const wake = (): boolean => {
    if (again.isSet) return false;
    host.clock.soon.set(again);
    return true;
  };
  const stops = things.map((thing) => thing.watch(wake));
  if (milliseconds > 0) host.clock.set(deadline, ms(milliseconds));
}
