import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { ConnectionRecord } from '../../preload/contract.ts';
import type { Actions } from './actions.ts';
import { type Compared, comparisonStore } from './comparison.ts';
import { type ConnectionTable, connectionsStore } from './connections.ts';
import { filterStore, isThrough } from './filter.ts';
import { type Selection, selectionStore } from './selection.ts';
import { sessionsStore } from './sessions.ts';

export const ActionsContext = createContext<Actions | undefined>(undefined);

export function useActions(): Actions {
  const actions = useContext(ActionsContext);
  if (!actions) throw new Error('no actions above this component');
  return actions;
}

export const useSelection = <T>(pick: (selection: Selection) => T): T => useStore(selectionStore, pick);

/** The selected session's connections; renders again once a frame while they change. */
export function useConnectionTable(): ConnectionTable | undefined {
  const session = useSelection((s) => s.session);
  useStore(connectionsStore, (s) => s.version);
  return session === undefined ? undefined : connectionsStore.getState().tables.get(session);
}

/** The selected connection; renders again only when that one changes. */
export function useSelectedConnection(): ConnectionRecord | undefined {
  const { session, connection } = useStore(selectionStore);
  return useStore(connectionsStore, (s) =>
    session === undefined || connection === undefined ? undefined : s.tables.get(session)?.records[connection],
  );
}

/** What the session shown is compared with, once they are aligned. */
export function useComparison(): Compared | undefined {
  const session = useSelection((s) => s.session);
  return useStore(comparisonStore, (s) => (session === undefined ? undefined : s.of.get(session)));
}

export const useSession = (id: string | undefined) => useStore(sessionsStore, (s) => s.sessions.find((session) => session.id === id));

/** A filter is in force, has looked at everything, and let nothing pass. */
export const useNothingPasses = (): boolean =>
  useStore(filterStore, (state) => state.applied !== '' && state.progress?.found === 0 && isThrough(state));
