import type { ConnectionRecord } from '../../preload/contract.ts';
import { type FilterState, filterStore } from '../stores/filter.ts';

/** Which connection has which pair of lanes: every one its own, or only those that pass the display filter, in the same order. */
export interface Lanes {
  readonly count: number;
  /** The connection of a pair of lanes. */
  idAt(index: number): number | undefined;
  /** The pair of lanes of a connection; -1 where it has none. */
  indexOf(id: number): number;
}

export const everyLane = (count: number): Lanes => ({
  count,
  idAt: (index) => (index >= 0 && index < count ? index : undefined),
  indexOf: (id) => (id < count ? id : -1),
});

export function lanesOf(ids: Iterable<number>): Lanes {
  const sorted = Uint32Array.from(ids).sort();
  return {
    count: sorted.length,
    idAt: (index) => sorted[index],
    indexOf: (id) => {
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (sorted[middle]! < id) low = middle + 1;
        else high = middle;
      }
      return sorted[low] === id ? low : -1;
    },
  };
}

let latest: { readonly of: FilterState; readonly lanes: Lanes } | undefined;

/** The lanes as the display filter in force has them. Those that pass are sorted once for each of its answers, not for each frame. */
export function lanesNow(records: readonly (ConnectionRecord | undefined)[]): Lanes {
  const state = filterStore.getState();
  if (state.applied === '') return everyLane(records.length);
  if (latest?.of !== state) latest = { of: state, lanes: lanesOf(state.passing) };
  return latest.lanes;
}
