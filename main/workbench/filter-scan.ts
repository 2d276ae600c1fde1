import type { FilterProgress, WorkbenchError } from '../../preload/contract.ts';
import type { Tables } from '../analysis/analysis.ts';
import type { Filter } from '../analysis/filter/filter.ts';
import { Selection } from '../analysis/filter/selection.ts';
import { err, ok, type Result } from '../wire/result.ts';
import type { FrameSource } from './frame-source.ts';

/** So long one question may keep the thread busy; who wants more asks again. */
const BUDGET_MS = 60;
const ROWS = 20_000;
/** Connections told of in one answer. */
const MOST_CONNECTIONS = 20_000;

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * A filter at work on a session. It works only while it is asked: whoever stops asking has cancelled it, and whoever asks again goes
 * on where it was.
 */
export class FilterScan {
  readonly selection: Selection;
  readonly #tables: Tables;
  readonly #source: FrameSource;
  readonly #stopping = new AbortController();
  #until = 0;
  #reading: Promise<void> | undefined;
  /** Lets the reading go on that waits to be asked. */
  #resume: (() => void) | undefined;
  #fault: WorkbenchError | undefined;

  constructor(filter: Filter, tables: Tables, source: FrameSource) {
    this.selection = new Selection(filter, tables);
    this.#tables = tables;
    this.#source = source;
  }

  /** Works for a moment, then tells how far it has come, and the connections found since the first `known`. */
  async progress(known: number): Promise<Result<FilterProgress, WorkbenchError>> {
    const { selection } = this;
    this.#until = performance.now() + BUDGET_MS;
    if (selection.filter.needsOctets) await this.#read();
    else while (!selection.isUpToDate && performance.now() < this.#until) selection.advance(ROWS);
    if (this.#fault) return err(this.#fault);
    return ok({
      segments: selection.rows.count,
      scanned: selection.scanned,
      total: this.#tables.columns.count,
      connections: selection.connections.slice(known, known + MOST_CONNECTIONS),
      found: selection.connections.length,
    });
  }

  /** Lets go of what it holds open. */
  stop(): void {
    this.#stopping.abort();
    this.#resume?.();
  }

  async #read(): Promise<void> {
    if (this.selection.isUpToDate) return;
    this.#resume?.();
    this.#resume = undefined;
    this.#reading ??= this.#readOn();
    await Promise.race([this.#reading, new Promise((resolve) => setTimeout(resolve, BUDGET_MS))]);
  }

  /** Reads from the first frame; those looked at before are passed over. */
  async #readOn(): Promise<void> {
    let frames = 0;
    const read = await this.#source.scan(async (batch) => {
      this.selection.add(batch, frames);
      frames += batch.count;
      if (performance.now() < this.#until) return breath();
      return new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }, this.#stopping.signal);
    if (!read.ok) this.#fault = read.error;
    this.#reading = undefined;
  }
}
