import type { RequestInput, RequestName, RequestOutput, Result, WorkbenchError } from '../../preload/contract.ts';
import {
  comparedOf,
  comparedRowsStore,
  comparisonBegun,
  comparisonStore,
  forgetComparison,
  mergeCompared,
  mergeComparedPage,
  showComparedRows,
} from './comparison.ts';
import { filterStore } from './filter.ts';
import { missingPages, PAGE } from './segments.ts';
import { selectionStore } from './selection.ts';
import { sessionById, sessionsStore } from './sessions.ts';

export interface ComparisonActions {
  /** Compares a session with another capture of the same connections. */
  compare(session: string, other: string): Promise<void>;
  endComparison(session: string): Promise<void>;
  /** Asks for the rows between two of the selected connection in both captures that have not arrived. */
  wantComparedRows(first: number, last: number): void;
}

/** Captures that grow are aligned again no sooner than this, and after ten times what it took. */
const AGAIN_MS = 1500;
const AGAIN_FACTOR = 10;
/** A filter that is still at work is asked again. */
const FILTERING_MS = 150;

interface Reach {
  ask<K extends RequestName>(name: K, input: RequestInput<K>): Promise<RequestOutput<K>>;
  /** Tells the person where it fails. */
  attempt<T>(request: Promise<Result<T, WorkbenchError>>): Promise<T | undefined>;
  /** Brings what is missing of a session's connections. */
  fillConnections(session: string): Promise<void>;
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Between the comparison of two captures and the Workbench. */
export function connectComparison({ ask, attempt, fillConnections }: Reach): ComparisonActions {
  /** What nobody needs to be told of: it is asked again, or the link tells itself that it is down. */
  const quietly = async <T>(request: Promise<Result<T, WorkbenchError>>): Promise<T | undefined> => {
    const answer = await request.catch(() => undefined);
    return answer?.ok ? answer.value : undefined;
  };
  /** By session, the number of the work that is at it; a new number tells the one before to stop. */
  const working = new Map<string, number>();
  let last = 0;

  /** Aligns, brings the connections in both, and goes on for as long as the captures grow. `told` is called once it is known whether they align. */
  async function work(session: string, other: string, told: () => void = () => undefined): Promise<void> {
    const mine = ++last;
    working.set(session, mine);
    const goesOn = (): boolean => working.get(session) === mine;
    const began = performance.now();
    const facts = await attempt(ask('compareCaptures', { session, with: other }));
    told();
    if (!goesOn()) return;
    if (!facts) {
      working.delete(session);
      return;
    }
    comparisonBegun(facts);
    void fillConnections(other);
    await bring(session, facts.connections, goesOn);
    for (let took = performance.now() - began; goesOn(); ) {
      await pause(Math.max(AGAIN_MS, AGAIN_FACTOR * took));
      if (!hasGrown(session)) {
        if (![session, other].some(runs)) return;
        continue;
      }
      const again = performance.now();
      const now = await quietly(ask('compareCaptures', { session, with: other }));
      if (!goesOn() || !now) return;
      comparisonBegun(now);
      await bring(session, now.connections, goesOn);
      took = performance.now() - again;
    }
  }

  async function bring(session: string, count: number, goesOn: () => boolean): Promise<void> {
    for (let known = 0; known < count; ) {
      const connections = await quietly(ask('comparedConnections', { session, known }));
      if (!goesOn() || !connections || connections.length === 0) return;
      mergeCompared(session, connections);
      known += connections.length;
    }
  }

  function hasGrown(session: string): boolean {
    const facts = comparedOf(session)?.facts;
    const packets = (id: string | undefined): number => sessionById(id)?.counters.packets ?? 0;
    return facts !== undefined && (packets(session) > facts.packets.this || packets(facts.with) > facts.packets.other);
  }
  const runs = (id: string): boolean => sessionById(id)?.status.kind === 'running';

  /** A comparison ended elsewhere is over here too; one begun elsewhere, or before this window was, is taken up. */
  sessionsStore.subscribe(({ sessions }) => {
    for (const { id, comparedWith } of sessions) {
      if (comparedWith === undefined && comparedOf(id)) stop(id);
      else if (comparedWith !== undefined && !working.has(id)) void work(id, comparedWith);
    }
    for (const id of comparisonStore.getState().of.keys()) if (!sessions.some((session) => session.id === id)) stop(id);
  });
  function stop(session: string): void {
    working.delete(session);
    forgetComparison(session);
  }

  const inFlight = new Set<number>();
  function fetchRows(from: number, anew: boolean): void {
    const { session, connection } = comparedRowsStore.getState();
    if (session === undefined || connection === undefined || (!anew && inFlight.has(from))) return;
    const filter = filterStore.getState().applied;
    const facts = comparedOf(session)?.facts;
    inFlight.add(from);
    const wanted = { session, connection, from, count: PAGE, ...(filter === '' ? {} : { filter }) };
    void quietly(ask('comparedSegments', wanted)).then(async (page) => {
      inFlight.delete(from);
      if (!page || filterStore.getState().applied !== filter || comparedOf(session)?.facts !== facts) return;
      mergeComparedPage(session, connection, from, page, anew);
      if (!page.filtering) return;
      await pause(FILTERING_MS);
      if (filterStore.getState().applied === filter) fetchRows(from, true);
    });
  }

  /** Another connection is looked at, or the filter is another: from the top. */
  function showSelected(): void {
    const { session, connection } = selectionStore.getState();
    const isInBoth = connection !== undefined && comparedOf(session)?.connections.has(connection) === true;
    const shown = comparedRowsStore.getState();
    if (!isInBoth) {
      if (shown.connection !== undefined) showComparedRows(undefined, undefined);
    } else if (shown.session !== session || shown.connection !== connection) {
      showComparedRows(session, connection);
      fetchRows(0, true);
    }
  }
  selectionStore.subscribe(showSelected);
  comparisonStore.subscribe((now, before) => {
    const { session } = comparedRowsStore.getState();
    const aligned = session !== undefined && now.of.get(session)?.facts !== before.of.get(session)?.facts;
    showSelected();
    // Aligned anew: the rows in sight are replaced when they have arrived.
    if (aligned && before.of.has(session)) fetchRows(inSight * PAGE, true);
  });
  filterStore.subscribe((now, before) => {
    if (now.applied !== before.applied) fetchRows(0, true);
  });
  let inSight = 0;

  return {
    compare: async (session, other) => {
      comparisonStore.setState({ aligning: session, showsBoth: true });
      await new Promise<void>((told) => void work(session, other, told));
      comparisonStore.setState({ aligning: undefined });
    },
    endComparison: async (session) => {
      stop(session);
      await attempt(ask('endComparison', { session }));
    },
    wantComparedRows: (first, last) => {
      inSight = Math.floor(first / PAGE);
      for (const page of missingPages(comparedRowsStore.getState(), first, last)) fetchRows(page, false);
    },
  };
}
