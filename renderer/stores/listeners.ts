import { createStore } from 'zustand/vanilla';
import type { ListenersReport, SessionId } from '../../preload/contract.ts';

/** Listeners shown at a time; those that listen and the busiest come first. */
export const MOST_LISTENERS = 50;

export interface ListenersState {
  /** Of which session the report is. */
  readonly session: SessionId | undefined;
  readonly report: ListenersReport | undefined;
}

export const listenersStore = createStore<ListenersState>(() => ({ session: undefined, report: undefined }));

export const mergeListeners = (session: SessionId, report: ListenersReport): void => listenersStore.setState({ session, report });
