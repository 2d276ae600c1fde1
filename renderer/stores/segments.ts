import { createStore } from 'zustand/vanilla';
import type { SessionId, ShownSegment } from '../../preload/contract.ts';

/** How many rows are asked for at a time. */
export const PAGE = 200;

/** The segments of the selected connection, by their position in it; holes have not been asked for or not arrived. */
export interface SegmentsState {
  readonly session: SessionId | undefined;
  readonly connection: number | undefined;
  readonly total: number;
  readonly rows: readonly (ShownSegment | undefined)[];
}

export const segmentsStore = createStore<SegmentsState>(() => ({ session: undefined, connection: undefined, total: 0, rows: [] }));

/** Makes room for another connection; what was shown of the last one is let go. */
export const showSegmentsOf = (session: SessionId | undefined, connection: number | undefined): void =>
  segmentsStore.setState({ session, connection, total: 0, rows: [] });

/** One answer of the request `segments`; ignored when the person has moved on to another connection. */
export function mergeSegments(session: SessionId, connection: number, from: number, total: number, rows: readonly ShownSegment[]): void {
  segmentsStore.setState((state) => {
    if (state.session !== session || state.connection !== connection) return state;
    const merged = state.rows.slice();
    rows.forEach((row, i) => {
      merged[from + i] = row;
    });
    return { total: Math.max(total, state.total), rows: merged };
  });
}

/** Which pages between two rows still miss something, by their first row. */
export function missingPages(
  { rows, total }: { readonly rows: readonly unknown[]; readonly total: number },
  first: number,
  last: number,
): readonly number[] {
  const pages: number[] = [];
  const end = Math.min(last, total - 1);
  for (let page = Math.floor(Math.max(0, first) / PAGE); page * PAGE <= end; page++) {
    const stop = Math.min((page + 1) * PAGE, total);
    for (let i = page * PAGE; i < stop; i++)
      if (!rows[i]) {
        pages.push(page * PAGE);
        break;
      }
  }
  return pages;
}

/**
 * The page to ask for next on the way to a frame, by its first row: frames grow along a connection, so each answer halves what
 * is left. Undefined once the frame is here, or where it is no segment of this connection.
 */
export function pageTowards({ rows, total }: Pick<SegmentsState, 'rows' | 'total'>, frame: number): number | undefined {
  let [low, high] = [0, Math.ceil(total / PAGE)];
  while (low < high) {
    const page = Math.floor((low + high) / 2);
    const first = rows[page * PAGE];
    const last = rows[Math.min((page + 1) * PAGE, total) - 1];
    if (!first || !last) return page * PAGE;
    if (frame < first.frame) high = page;
    else if (frame > last.frame) low = page + 1;
    else return undefined;
  }
  return undefined;
}
