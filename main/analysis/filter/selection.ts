import type { FrameBatch } from '../../wire/frame-batch.ts';
import type { Tables } from '../analysis.ts';
import { Connection } from '../connection-store.ts';
import { slot } from '../packet-columns.ts';
import type { Predicate } from './compile.ts';
import type { Filter } from './filter.ts';
import { RowSet } from './row-set.ts';
import { Subject } from './subject.ts';

/**
 * The segments of a capture that pass a filter. It is worked through piece by piece, so whoever asks can stop, and it goes on where it was when
 * more has been captured. A filter that the columns can answer takes rows (`advance`); one that needs octets takes the capture again,
 * from its first frame (`add`), after the analysis has had it.
 */
export class Selection {
  readonly filter: Filter;
  /** Segments that pass. */
  readonly rows = new RowSet();
  /** Connections with a segment that passes, in the order they were found. */
  readonly connections: number[] = [];
  /** Rows looked at. */
  scanned = 0;
  /** Frames looked at, by a filter that needs octets. */
  framesScanned = 0;
  readonly tables: Tables;
  readonly #connection = new Connection();
  readonly #subject: Subject;
  readonly #passes: Predicate;
  /** By connection, its segments that pass. */
  #counts = new Uint32Array(64);

  constructor(filter: Filter, tables: Tables) {
    this.filter = filter;
    this.tables = tables;
    this.#subject = new Subject(tables);
    this.#passes = filter.predicate(filter.needsOctets ? 'octets' : 'columns');
  }

  /** Every row known so far was looked at. */
  get isUpToDate(): boolean {
    return this.scanned >= this.tables.columns.count;
  }

  /** How many segments of a connection pass. */
  countOf(connection: number): number {
    return this.#counts[connection] ?? 0;
  }

  /** The frames of the segments that pass, by number, in order. */
  *frames(): Generator<number> {
    for (let row = 0; row < this.scanned; row++) if (this.rows.has(row)) yield this.tables.columns.frame(row);
  }

  /** Those of one connection. */
  *framesOf(connection: number): Generator<number> {
    const { columns, store } = this.tables;
    store.seek(connection, this.#connection);
    for (let row = this.#connection.firstPacket; row >= 0 && row < this.scanned; row = columns.next(row))
      if (this.rows.has(row)) yield columns.frame(row);
  }

  /** Looks at up to `most` rows more, without their octets. */
  advance(most: number): void {
    const stop = Math.min(this.tables.columns.count, this.scanned + most);
    const subject = this.#subject;
    const passes = this.#passes;
    for (; this.scanned < stop; this.scanned++) {
      subject.seekRow(this.scanned);
      if (passes(subject)) this.#take(this.scanned);
    }
  }

  /** Looks at the frames that come after the first `before` of the capture, but for those it has looked at. */
  add(batch: FrameBatch, before = this.framesScanned): void {
    const subject = this.#subject;
    for (let i = Math.max(0, this.framesScanned - before); i < batch.count; i++) {
      subject.nextFrame(batch, i);
      this.framesScanned++;
      const row = this.#rowOf(subject.number);
      if (row < 0) continue;
      subject.seekRow(row);
      this.scanned = row + 1;
      if (this.#passes(subject)) this.#take(row);
    }
  }

  /** The row of a frame, or -1; asked for each frame in turn. */
  #rowOf(frame: number): number {
    const { columns } = this.tables;
    return this.scanned < columns.count && columns.frame(this.scanned) === frame ? this.scanned : -1;
  }

  #take(row: number): void {
    this.rows.add(row);
    const connection = this.tables.columns.page(row).connection(slot(row));
    if (connection >= this.#counts.length) {
      const larger = new Uint32Array(connection * 2);
      larger.set(this.#counts);
      this.#counts = larger;
    }
    if (this.#counts[connection]!++ === 0) this.connections.push(connection);
  }
}
