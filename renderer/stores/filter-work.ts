import type { LabClient } from '../../preload/contract.ts';
import { connectionsStore } from './connections.ts';
import { filterFailed, filterRead, filterSession, filterStore, isThrough, mergeFilter } from './filter.ts';
import { selectionStore } from './selection.ts';
import { sessionById } from './sessions.ts';

/** A session that runs is asked again this often, once something was captured. */
const AGAIN_MS = 400;

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, AGAIN_MS));

/** Between the display filter and the Workbench: its text is read as it is written, and the one in force works through the session. */
export function connectFilter(client: LabClient): { readonly read: (text: string, cursor: number) => Promise<void> } {
  let working = 0;
  /** What is working is told to stop by a new number. */
  async function work(): Promise<void> {
    const mine = ++working;
    const { session, applied } = filterStore.getState();
    if (session === undefined || applied === '') return;
    for (let scanned = -1; mine === working; ) {
      const version = connectionsStore.getState().version;
      const known = filterStore.getState().passing.size;
      const answer = await client.request('filter', { session, text: applied, known }).catch(() => undefined);
      if (mine !== working || !answer) return;
      if (!answer.ok) {
        filterFailed(session, applied, answer.error);
        return;
      }
      if (!mergeFilter(session, applied, answer.value)) return;
      if (!isThrough(filterStore.getState())) {
        // A Workbench that is busy gets no further for a while, and is not asked without a pause.
        if (answer.value.scanned === scanned && answer.value.connections.length === 0) await pause();
        scanned = answer.value.scanned;
        continue;
      }
      if (!(await grown(() => mine === working, session, version))) return;
    }
  }

  filterStore.subscribe((now, before) => {
    if (now.applied !== before.applied || now.session !== before.session) void work();
  });
  selectionStore.subscribe((now, before) => {
    if (now.session !== before.session) filterSession(now.session);
  });
  client.onLink((link) => {
    if (link === 'up') void work();
  });

  return {
    read: async (text, cursor) => {
      const answer = await client.request('readFilter', { text, cursor }).catch(() => undefined);
      if (answer) filterRead({ text, fault: answer.fault, completions: answer.completions, from: answer.from, to: answer.to });
    },
  };
}

/** Resolves when the session has changed since, true, or will not any more, false. */
async function grown(goesOn: () => boolean, session: string, version: number): Promise<boolean> {
  for (;;) {
    const status = sessionById(session)?.status.kind;
    const runs = status === 'running' || status === 'starting';
    await pause();
    if (!goesOn()) return false;
    if (connectionsStore.getState().version !== version) return true;
    if (!runs) return false;
  }
}
