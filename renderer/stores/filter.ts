import { createStore } from 'zustand/vanilla';
import type { FilterCompletion, FilterFault, FilterProgress, SessionId, WorkbenchError } from '../../preload/contract.ts';
import { recall, remember } from './settings.ts';

/** What the Workbench says of the text in the field. */
export interface Reading {
  readonly text: string;
  readonly fault: FilterFault | undefined;
  readonly completions: readonly FilterCompletion[];
  /** The part of the text that a completion replaces. */
  readonly from: number;
  readonly to: number;
}

/** The display filter: what is being written, what is in force, and what it lets pass of the session shown. */
export interface FilterState {
  readonly draft: string;
  readonly reading: Reading | undefined;
  /** The filter in force; empty shows everything. */
  readonly applied: string;
  readonly session: SessionId | undefined;
  readonly progress: Omit<FilterProgress, 'connections'> | undefined;
  /** Connections with a segment that passes; written in place, `progress` tells that it changed. */
  readonly passing: Set<number>;
  /** Why it could not be put to work. */
  readonly error: WorkbenchError | undefined;
  /** The latest first. */
  readonly recent: readonly string[];
}

const KEY = 'tcp-workbench.filters';
const MOST_RECENT = 12;
const LONGEST = 2000;

const readRecent = (raw: unknown): readonly string[] =>
  Array.isArray(raw) ? raw.filter((text): text is string => typeof text === 'string' && text.length <= LONGEST).slice(0, MOST_RECENT) : [];

export const filterStore = createStore<FilterState>(() => ({
  draft: '',
  reading: undefined,
  applied: '',
  session: undefined,
  progress: undefined,
  passing: new Set(),
  error: undefined,
  recent: readRecent(recall(KEY)),
}));

export const writeFilter = (draft: string): void => filterStore.setState({ draft });

/** What the Workbench says of a text; ignored when the person has written on. */
export function filterRead(reading: Reading): void {
  if (filterStore.getState().draft === reading.text) filterStore.setState({ reading });
}

/** Puts a filter in force, and remembers it; nothing of the one before stays. */
export function applyFilter(text: string): void {
  const applied = text.trim();
  const recent =
    applied === ''
      ? filterStore.getState().recent
      : [applied, ...filterStore.getState().recent.filter((one) => one !== applied)].slice(0, MOST_RECENT);
  remember(KEY, recent);
  filterStore.setState({ draft: text, applied, recent, progress: undefined, passing: new Set(), error: undefined });
}

/** The filter begins anew with another session. */
export const filterSession = (session: SessionId | undefined): void =>
  filterStore.setState({ session, progress: undefined, passing: new Set(), error: undefined });

/** One answer of the request `filter`; false when the filter or the session is another by now. */
export function mergeFilter(session: SessionId, text: string, { connections, ...progress }: FilterProgress): boolean {
  const state = filterStore.getState();
  if (state.session !== session || state.applied !== text) return false;
  for (const id of connections) state.passing.add(id);
  filterStore.setState({ progress });
  return true;
}

export function filterFailed(session: SessionId, text: string, error: WorkbenchError): void {
  const state = filterStore.getState();
  if (state.session === session && state.applied === text) filterStore.setState({ error });
}

/** Every segment was looked at, and every connection found has been told of. */
export const isThrough = ({ progress, passing }: FilterState): boolean =>
  progress !== undefined && progress.scanned >= progress.total && passing.size >= progress.found;
