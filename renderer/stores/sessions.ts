import { createStore } from 'zustand/vanilla';
import type { LabStreams, Session, SessionId } from '../../preload/contract.ts';

/** Every capture, file and engine run the Workbench knows, oldest first. */
export interface SessionsState {
  readonly sessions: readonly Session[];
}

export const sessionsStore = createStore<SessionsState>(() => ({ sessions: [] }));

/** The whole list, as the request `sessions` answers it. */
export const replaceSessions = (sessions: readonly Session[]): void => sessionsStore.setState({ sessions });

/** What the stream `sessions` tells: new ones are appended, known ones keep their place. */
export function mergeSessions({ changed, closed }: LabStreams['sessions']): void {
  sessionsStore.setState(({ sessions }) => {
    const news = new Map(changed.map((session) => [session.id, session]));
    const kept = sessions
      .filter((session) => !closed.includes(session.id))
      .map((session) => {
        const fresh = news.get(session.id);
        news.delete(session.id);
        return fresh ?? session;
      });
    return { sessions: [...kept, ...[...news.values()].filter((session) => !closed.includes(session.id))] };
  });
}

export const sessionById = (id: SessionId | undefined): Session | undefined =>
  sessionsStore.getState().sessions.find((session) => session.id === id);

/** The one live capture that is running or about to, if any. */
export const liveSession = ({ sessions }: SessionsState): Session | undefined =>
  sessions.findLast((s) => s.source.kind === 'live' && (s.status.kind === 'running' || s.status.kind === 'starting'));
