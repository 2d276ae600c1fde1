import { createStore } from 'zustand/vanilla';
import type { CaptureOptions, LabStreams, Session, SessionId, SessionStatus, WorkbenchError } from '../../preload/contract.ts';

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

/** What is wrong with a session, whether that ended it or not. */
export const troubleOf = (status: SessionStatus | undefined): WorkbenchError | undefined =>
  status?.kind === 'failed' ? status.error : status?.kind === 'running' || status?.kind === 'ended' ? status.warning : undefined;

const isLive = ({ source, status }: Session): boolean =>
  source.kind === 'live' && (status.kind === 'running' || status.kind === 'starting');

/** The live capture that is running or about to, the latest of several. */
export const liveSession = ({ sessions }: SessionsState): Session | undefined => sessions.findLast(isLive);

/** The capture that a person began or named: the one that runs, else the first file. */
export const captureToShow = (state: SessionsState): Session | undefined =>
  liveSession(state) ?? state.sessions.find(({ source }) => source.kind === 'file');

/** The capture that Stop is for: the one shown where it runs, else the latest that does. */
export const capturing = (state: SessionsState, shown: SessionId | undefined): Session | undefined =>
  state.sessions.find((session) => session.id === shown && isLive(session)) ?? liveSession(state);

/** The same is being captured already. */
export const isCaptured = ({ sessions }: SessionsState, { interface: name, filter = '', host }: CaptureOptions): boolean =>
  sessions.some(
    (session) =>
      isLive(session) &&
      session.source.kind === 'live' &&
      session.source.interface === name &&
      session.source.filter === filter &&
      session.source.host === host,
  );
