import type { Selection } from '../analysis/filter/selection.ts';
import type { RunRecorder } from '../experiments/stepping/run-recorder.ts';
import type { Stop } from '../experiments/stepping/stops.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';

/** Stops a run at the first segment that passes a display filter; it is given the frames as they come. */
export class FilterStop {
  readonly stop: Stop;
  readonly #selection: Selection;

  /** `selection` knows the frames so far. */
  constructor(selection: Selection, recorder: RunRecorder) {
    this.#selection = selection;
    const { columns } = selection.tables;
    const search = (after: number) => {
      let row = 0;
      return () => {
        if (!selection.filter.needsOctets) selection.advance(Number.POSITIVE_INFINITY);
        for (; row < selection.scanned; row++) {
          const step = selection.rows.has(row) ? recorder.frames[columns.frame(row) - 1]?.step : undefined;
          if (step !== undefined && step > after) return step;
        }
        return undefined;
      };
    };
    this.stop = { kind: 'search', search };
  }

  /** After the analysis has had it. */
  add(batch: FrameBatch): void {
    if (this.#selection.filter.needsOctets) this.#selection.add(batch);
  }
}
