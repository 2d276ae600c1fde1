import { createStore } from 'zustand/vanilla';
import type { CaptureComparison, ComparedConnection, ComparedMoment, ComparedPage, SessionId } from '../../preload/contract.ts';
import { PAGE } from './segments.ts';

/** A session and another capture of the same connections. */
export interface Compared {
  readonly facts: CaptureComparison;
  /** By number in the session; as they become known. */
  readonly connections: ReadonlyMap<number, ComparedConnection>;
}

export interface ComparisonState {
  readonly of: ReadonlyMap<SessionId, Compared>;
  /** The session that is being aligned with another for the first time. */
  readonly aligning: SessionId | undefined;
  /** The ladder shows both captures where a connection is in both. */
  readonly showsBoth: boolean;
}

export const comparisonStore = createStore<ComparisonState>(() => ({ of: new Map(), aligning: undefined, showsBoth: true }));

export const comparedOf = (session: SessionId | undefined): Compared | undefined =>
  session === undefined ? undefined : comparisonStore.getState().of.get(session);

const replace = (session: SessionId, compared: Compared | undefined): void =>
  comparisonStore.setState(({ of }) => {
    const next = new Map(of);
    if (compared) next.set(session, compared);
    else next.delete(session);
    return { of: next };
  });

/** Aligned, or aligned anew: what was known of the connections stays until it is told again. */
export const comparisonBegun = (facts: CaptureComparison): void =>
  replace(facts.session, { facts, connections: comparedOf(facts.session)?.connections ?? new Map() });

export function mergeCompared(session: SessionId, connections: readonly ComparedConnection[]): void {
  const compared = comparedOf(session);
  if (!compared || connections.length === 0) return;
  const merged = new Map(compared.connections);
  for (const connection of connections) merged.set(connection.id, connection);
  replace(session, { ...compared, connections: merged });
}

export const forgetComparison = (session: SessionId): void => {
  if (comparedOf(session)) replace(session, undefined);
};

/** The rows of the selected connection in both captures; holes have not been asked for or not arrived. */
export interface ComparedRows {
  readonly session: SessionId | undefined;
  readonly connection: number | undefined;
  readonly total: number;
  readonly rows: readonly (ComparedMoment | undefined)[];
  /** What is under way in each page of rows. */
  readonly arrows: ReadonlyMap<number, ComparedPage['arrows']>;
}

export const comparedRowsStore = createStore<ComparedRows>(() => ({
  session: undefined,
  connection: undefined,
  total: 0,
  rows: [],
  arrows: new Map(),
}));

export const showComparedRows = (session: SessionId | undefined, connection: number | undefined): void =>
  comparedRowsStore.setState({ session, connection, total: 0, rows: [], arrows: new Map() });

/** One page; `anew` where the captures were aligned again, or filtered further, since the pages before. */
export function mergeComparedPage(session: SessionId, connection: number, from: number, page: ComparedPage, anew: boolean): void {
  comparedRowsStore.setState((state) => {
    if (state.session !== session || state.connection !== connection) return state;
    const rows = anew ? [] : state.rows.slice();
    page.rows.forEach((row, i) => {
      rows[from + i] = row;
    });
    const arrows = new Map(anew ? [] : state.arrows).set(from / PAGE, page.arrows);
    return { total: page.total, rows, arrows };
  });
}
