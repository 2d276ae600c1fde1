import type { FrameBatch } from '../../wire/frame-batch.ts';
import { emptyLocated, type Located, locateTcp } from '../../wire/locate.ts';
import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd } from '../../wire/seq.ts';
import { emptyTcpView, readTcp } from '../../wire/tcp-view.ts';
import type { Tables } from '../analysis.ts';
import { Connection, Life } from '../connection-store.ts';
import { Rereading } from '../fragments/rereading.ts';
import { Shown, slot } from '../packet-columns.ts';
import type { Side } from '../record.ts';
import { Half } from './half.ts';

/** A piece of what one side said, in the order it was said. */
export type Said =
  | { readonly kind: 'octets'; readonly from: Side; readonly frame: number; readonly octets: Uint8Array }
  /** So many octets were sent, and are not in the capture. */
  | { readonly kind: 'missing'; readonly from: Side; readonly frame: number; readonly count: number };

/**
 * Follows one connection through its capture, which is read again from its first frame. Octets told of are views into the batch, or
 * copies of what had to wait; whoever keeps them copies them.
 */
export class Follower {
  readonly #tables: Tables;
  readonly #connection = new Connection();
  readonly #halves: Readonly<Record<Side, Half>>;
  readonly #located = emptyLocated();
  readonly #rereading: Rereading;
  readonly #view = emptyTcpView();
  /** The connection's next segment, or NO_PACKET. */
  #row: number;
  #frame = 0;

  constructor(tables: Tables, connection: number, onSaid: (said: Said) => void) {
    this.#tables = tables;
    this.#rereading = new Rereading(tables.fragments);
    tables.store.seek(connection, this.#connection);
    this.#row = this.#connection.firstPacket;
    const half = (from: Side) =>
      new Half({
        octets: (octets, frame) => onSaid({ kind: 'octets', from, frame, octets }),
        missing: (count, frame) => onSaid({ kind: 'missing', from, frame, count }),
      });
    this.#halves = { client: half('client'), server: half('server') };
  }

  /** The connection's last segment known was read. */
  get isOver(): boolean {
    return this.#row < 0;
  }

  add(batch: FrameBatch): void {
    const { columns } = this.#tables;
    for (let i = 0; i < batch.count && this.#row >= 0; i++) {
      this.#frame++;
      const read = this.#rereading.read(batch, i, this.#frame);
      if (columns.frame(this.#row) !== this.#frame) continue;
      if (typeof read === 'object') this.#take(read.batch.data.slice(0, read.wholes.at(-1)!.captured), this.#rereading.located);
      else if (this.#locate(batch, i)) this.#take(batch.data, this.#located);
      this.#row = columns.next(this.#row);
    }
  }

  /** Nothing more is to come. */
  end(): void {
    this.#halves.client.end();
    this.#halves.server.end();
  }

  #locate(batch: FrameBatch, i: number): boolean {
    const start = batch.offset[i]!;
    const original = batch.originalLength[i]!;
    return locateTcp(batch.data, start, batch.capturedLength[i]!, batch.linkType[i]!, this.#located, original) === 'tcp';
  }

  #take(data: Uint8Array, located: Located): void {
    const { columns } = this.#tables;
    const view = this.#view;
    readTcp(data, located, view);
    const page = columns.page(this.#row);
    const at = slot(this.#row);
    const fromSecond = (page.flags(at) & Shown.FROM_SECOND) !== 0;
    const side: Side = fromSecond === this.#connection.has(Life.CLIENT_SECOND) ? 'client' : 'server';
    const { flags } = view;
    // The text of a RST says why it was sent (RFC 9293 §3.5.2); it is no part of the stream.
    if ((flags & Flag.RST) !== 0) return;
    const half = this.#halves[side];
    const first = (flags & Flag.SYN) !== 0 ? seqAdd(view.seq, 1) : view.seq;
    if ((flags & Flag.SYN) !== 0) half.start(first);
    const claimed = page.length(at);
    const captured = Math.min(claimed, view.capturedPayload);
    half.take(first, data.subarray(view.payload, view.payload + captured), claimed - captured, this.#frame);
    if ((flags & Flag.FIN) !== 0) half.finish(seqAdd(first, claimed));
    if ((flags & Flag.ACK) !== 0) this.#halves[side === 'client' ? 'server' : 'client'].acknowledged(view.ack as SeqNum, this.#frame);
  }
}
