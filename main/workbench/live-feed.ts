import type { Analyst } from './analyst.ts';
import type { OpenFeed } from './feeds.ts';
import { dropsOf, openLive } from './live.ts';
import type { Feed } from './session-messages.ts';

/** Drops are told this often also while no packet comes. */
const STATUS_MS = 1000;

export function openLiveFeed({ options, keep }: Extract<Feed, { kind: 'live' }>, analyst: Analyst): OpenFeed {
  if (keep !== undefined) analyst.recordsAt(keep);
  let ticking: NodeJS.Timeout | undefined;
  const opened = openLive(options, {
    onBatch: analyst.take,
    onEnd: (ending) => {
      clearInterval(ticking);
      analyst.end(ending.kind === 'error' ? ending.error : undefined);
    },
  }).then((capture) => {
    if (!capture.ok) {
      analyst.end(capture.error);
      return undefined;
    }
    const handle = capture.value;
    analyst.run({ backend: handle.backend, drops: () => dropsOf(handle) });
    ticking = setInterval(() => analyst.publish(), STATUS_MS);
    return handle;
  });
  return { stop: async () => (await opened)?.close() };
}
