import type { EngineSnapshot } from '../../preload/contract.ts';

type ConnectionSnapshot = EngineSnapshot['hosts'][number]['connections'][number];
type ListenerSnapshot = EngineSnapshot['hosts'][number]['listeners'][number];

export type { ConnectionSnapshot, ListenerSnapshot };

/** A minute at thirty snapshots a second; older ones are thinned out, not forgotten. */
const MOST = 1800;

/** What an engine looked like, from its first moment to now: the recent past in full, the older past ever more sparsely. */
export class SnapshotHistory {
  #snapshots: EngineSnapshot[] = [];

  get snapshots(): readonly EngineSnapshot[] {
    return this.#snapshots;
  }

  get latest(): EngineSnapshot | undefined {
    return this.#snapshots.at(-1);
  }

  add(snapshot: EngineSnapshot): void {
    const last = this.latest;
    // Time that goes back is another run under the same name; time that stands still is the same moment, told anew.
    if (last && snapshot.now < last.now) this.#snapshots = [];
    else if (last && snapshot.now === last.now) this.#snapshots.pop();
    this.#snapshots.push(snapshot);
    if (this.#snapshots.length > MOST) {
      const half = MOST / 2;
      this.#snapshots = this.#snapshots.filter((_, i) => i === 0 || i >= half || i % 2 === 0);
    }
  }

  /** The engine as it was at `seconds` of its own time; the first known for anything earlier. */
  at(seconds: number): EngineSnapshot | undefined {
    const nanos = seconds * 1e9 + 0.5;
    let low = 0;
    let high = this.#snapshots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#snapshots[middle]!.now <= nanos) low = middle + 1;
      else high = middle;
    }
    return this.#snapshots[Math.max(0, low - 1)];
  }
}
