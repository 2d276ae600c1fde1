import type { FrameBatch } from '../../wire/frame-batch.ts';
import { emptyLocated, type Located, locateTcp } from '../../wire/locate.ts';
import type { Tables } from '../analysis.ts';
import { Connection, Life } from '../connection-store.ts';
import { Flow } from '../flow.ts';
import type { Reassembled, Whole } from '../fragments/reassembly.ts';
import { Rereading } from '../fragments/rereading.ts';
import { CONTROL_BITS, PacketPage, Shown, slot } from '../packet-columns.ts';
import { Layers } from './layers.ts';
import { PreviousRows } from './previous-rows.ts';

const NO_OCTETS = new Uint8Array(0);
const NOTHING_WHOLE: readonly Whole[] = [];

/**
 * What a filter looks at: one frame. `row` is its place in the packet columns, or -1 where it holds no TCP segment that the analysis
 * knows. Its octets are at hand only while a capture is read again. One subject is moved from frame to frame.
 */
export class Subject {
  readonly tables: Tables;
  /** Only where a filter asks for it, since it takes memory. */
  readonly previous: PreviousRows;
  row = -1;
  page = new PacketPage(new Int32Array(0));
  /** The row's place in its page. */
  i = 0;
  private readonly connectionCursor = new Connection();
  private readonly flow = new Flow();

  /** The frame's octets: data[start, start+captured), of `original` on the wire. Datagrams that it completed lie behind them. */
  data: Uint8Array = NO_OCTETS;
  start = 0;
  captured = 0;
  original = 0;
  number = 0;
  seconds = 0;
  nanoseconds = 0;
  interfaceId = 0;
  /** Nanoseconds since the frame before; 0 for the first. */
  sincePrevious = 0;
  linkType = 0;
  /** Of a frame with a fragment: the datagrams that it completed. Absent of any other. */
  wholes: readonly Whole[] | undefined;
  private read: Reassembled | 'piece' | undefined;
  private readonly rereading: Rereading;
  private readonly located = emptyLocated();
  private readonly walked = new Layers();
  private isWalked = false;

  constructor(tables: Tables) {
    this.tables = tables;
    this.rereading = new Rereading(tables.fragments);
    this.previous = new PreviousRows(tables.columns);
  }

  /** Looks at a row, without its octets. */
  seekRow(row: number): void {
    this.row = row;
    this.page = this.tables.columns.page(row);
    this.i = slot(row);
  }

  /** Passes over the next `count` frames of a capture that is read from its start: those that a batch begins with. */
  passOver(batch: FrameBatch, count: number): void {
    if (count === 0) return;
    this.rereading.passOver(batch, count, this.number + 1);
    this.number += count;
    this.seconds = batch.seconds[count - 1]!;
    this.nanoseconds = batch.nanoseconds[count - 1]!;
  }

  /** Looks at the next frame of a capture that is read from its start. */
  nextFrame(batch: FrameBatch, i: number): void {
    const seconds = batch.seconds[i]!;
    const nanoseconds = batch.nanoseconds[i]!;
    this.sincePrevious = this.number === 0 ? 0 : (seconds - this.seconds) * 1e9 + (nanoseconds - this.nanoseconds);
    this.number++;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    const read = this.rereading.read(batch, i, this.number);
    const isWhole = typeof read === 'object';
    this.read = read;
    this.wholes = isWhole ? read.wholes : read && NOTHING_WHOLE;
    this.data = isWhole ? read.batch.data : batch.data;
    this.start = isWhole ? 0 : batch.offset[i]!;
    this.captured = batch.capturedLength[i]!;
    this.original = batch.originalLength[i]!;
    this.linkType = batch.linkType[i]!;
    this.interfaceId = batch.interfaceId[i]!;
    this.isWalked = false;
  }

  get layers(): Layers {
    if (!this.isWalked) {
      this.walked.walk(this.data, this.start, this.captured, this.original, this.linkType, this.wholes);
      this.isWalked = true;
    }
    return this.walked;
  }

  /** Where the frame's TCP segment lies in its data; undefined where it holds none. Valid until the next frame. */
  locateSegment(): Located | undefined {
    const { read, located } = this;
    if (typeof read === 'object') return read.verdict === 'tcp' ? this.rereading.located : undefined;
    if (read === 'piece') return undefined;
    return locateTcp(this.data, this.start, this.captured, this.linkType, located, this.original) === 'tcp' ? located : undefined;
  }

  get connection(): Connection {
    const id = this.page.connection(this.i);
    if (this.connectionCursor.id !== id) this.tables.store.seek(id, this.connectionCursor);
    return this.connectionCursor;
  }

  /** The connection's second endpoint sent the segment. */
  get fromSecond(): boolean {
    return (this.page.flags(this.i) & Shown.FROM_SECOND) !== 0;
  }

  get fromClient(): boolean {
    return this.fromSecond === this.connection.has(Life.CLIENT_SECOND);
  }

  get flags(): number {
    return this.page.flags(this.i) & CONTROL_BITS;
  }

  /** What the connection's first or second endpoint sends; valid until the next call. */
  flowOf(second: boolean): Flow {
    this.connection.flow(second, this.flow);
    return this.flow;
  }

  flowOfSide(client: boolean): Flow {
    return this.flowOf(client === this.connection.has(Life.CLIENT_SECOND));
  }
}
