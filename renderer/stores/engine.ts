import { createStore } from 'zustand/vanilla';
import type { EngineSnapshot, EngineView, SessionId } from '../../preload/contract.ts';
import { SnapshotHistory } from './snapshot-history.ts';

/** The engine that lives in the window, and what each engine looked like earlier: the one in the window and those of experiments. */
export interface EngineState {
  readonly view: EngineView | undefined;
  /** Virtual seconds. */
  readonly time: number;
  readonly histories: ReadonlyMap<SessionId, SnapshotHistory>;
  /** Grows with every snapshot; the histories are written in place. */
  readonly version: number;
}

/** Runs whose past is kept; a run costs some megabytes at most. */
const MOST_HISTORIES = 4;

const histories = new Map<SessionId, SnapshotHistory>();
export const engineStore = createStore<EngineState>(() => ({ view: undefined, time: 0, histories, version: 0 }));

/** What the stream `engine` and the request of that name tell. */
export function showEngine(view: EngineView): void {
  recordSnapshot(view.session, view.snapshot);
  engineStore.setState({ view, time: view.snapshot.now / 1e9 });
}

export function recordSnapshot(session: SessionId, snapshot: EngineSnapshot): void {
  let history = histories.get(session);
  if (!history) {
    history = new SnapshotHistory();
    histories.set(session, history);
    if (histories.size > MOST_HISTORIES) histories.delete(histories.keys().next().value!);
  }
  history.add(snapshot);
  engineStore.setState(({ version }) => ({ version: version + 1 }));
}

/** The whole past of a run, as its recording shows it. */
export function replaceHistory(session: SessionId, snapshots: readonly EngineSnapshot[]): void {
  const history = new SnapshotHistory();
  for (const snapshot of snapshots) history.add(snapshot);
  histories.set(session, history);
  engineStore.setState(({ version }) => ({ version: version + 1 }));
}
