import type { FrameBatch } from '../wire/frame-batch.ts';
import type { Located } from '../wire/locate.ts';
import { hasPartialChecksum } from '../wire/tcp-checksum.ts';
import type { Paged } from './arena.ts';
import type { Changed } from './changed.ts';
import type { FlowTable } from './flow-table.ts';
import { PACKETS } from './flow-words.ts';
import { ORDINARY } from './ordinary/build/ordinary.ts';
import { HANDSHAKE_KIND } from './ordinary/codes.ts';
import * as at from './ordinary/layout.ts';
import { CHECKSUMS_LOOKED_AT } from './packet-row.ts';
import { compile, type SharedMemory } from './shared-memory.ts';
import type { Sighting } from './sighting.ts';
import type { Stores } from './stores.ts';
import type { Waiting } from './waiting.ts';

/** What `ordinary/index.ts` exports. */
interface Exports {
  run(from: number, count: number): number;
  take(
    i: number,
    ip: number,
    version: number,
    tcp: number,
    tcpLength: number,
    captured: number,
    wireEnd: number,
    id: number,
    fromSecond: boolean,
    partial: boolean,
  ): number;
}

/** Pages whose addresses the other side knows: of a store, so many, in a list at an address. */
interface Known {
  readonly store: Paged;
  readonly addresses: Int32Array;
  count: number;
}

const COLUMNS = [
  ['offset', Uint32Array, at.OFFSET],
  ['capturedLength', Uint32Array, at.CAPTURED_LENGTH],
  ['originalLength', Uint32Array, at.ORIGINAL_LENGTH],
  ['nanoseconds', Uint32Array, at.NANOSECONDS],
  ['seconds', Float64Array, at.SECONDS],
  ['position', Float64Array, at.POSITION],
  ['linkType', Uint16Array, at.LINK_TYPE],
  ['interfaceId', Uint16Array, at.INTERFACE_ID],
] as const;

/** A frame may claim any length; so far no segment goes, and 32 bits do. */
const FARTHEST = 2 ** 30;
/** Changes of state that an ordinary frame makes: a FIN, the ACK with it, the FIN it answers. */
const MOST_CHANGES = 3;

let module: object | undefined;

/**
 * Takes ordinary segments past the rules, in WebAssembly (`ordinary/`): what both ends expected next, and a handshake or a close in which nothing is
 * sent again. What it leaves is what the rules would leave, word for word; what it does not know it does not touch.
 */
export class Ordinary {
  /** So many segments it took. */
  taken = 0;
  private readonly memory: SharedMemory;
  private readonly exports: Exports;
  private readonly words: Int32Array;
  private readonly floats: Float64Array;
  private readonly notes: Int32Array;
  private readonly octets: Uint8Array;
  private readonly columns: readonly {
    readonly name: (typeof COLUMNS)[number][0];
    readonly numbers: { set(from: ArrayLike<number>): void };
  }[];
  private readonly pages: readonly Known[];
  /** The one that was taken in. */
  private batch: FrameBatch | undefined;
  private readonly stores: Stores;
  private readonly table: FlowTable;
  private readonly sighting: Sighting;
  private readonly changed: Changed;
  private readonly waiting: Waiting;

  /** All of `stores` and `table` lies in `memory`. */
  constructor(memory: SharedMemory, stores: Stores, table: FlowTable, sighting: Sighting, changed: Changed, waiting: Waiting) {
    this.memory = memory;
    this.stores = stores;
    this.table = table;
    this.sighting = sighting;
    this.changed = changed;
    this.waiting = waiting;
    module ??= compile(ORDINARY);
    this.exports = memory.run(module) as Exports;
    this.words = memory.view(Int32Array, 0, at.OFFSET / 4);
    this.floats = memory.view(Float64Array, 0, at.OFFSET / 8);
    this.notes = memory.view(Int32Array, at.NOTES, (at.ROW_PAGES - at.NOTES) / 4);
    this.octets = memory.view(Uint8Array, at.OCTETS, at.MOST_OCTETS);
    this.columns = COLUMNS.map(([name, type, address]) => ({
      name,
      numbers: memory.view<Uint32Array | Float64Array | Uint16Array>(type, address, at.MOST_FRAMES),
    }));
    const known = (store: Paged, from: number, to: number): Known => ({
      store,
      addresses: memory.view(Int32Array, from, (to - from) / 4),
      count: 0,
    });
    this.pages = [
      known(stores.columns, at.ROW_PAGES, at.CONNECTION_PAGES),
      known(stores.store, at.CONNECTION_PAGES, at.CHANGE_PAGES),
      known(stores.log.records, at.CHANGE_PAGES, at.EVENT_PAGES),
      known(stores.events.records, at.EVENT_PAGES, at.OCTETS),
    ];
    const { secrets } = table;
    for (let i = 0; i < at.SECRET_COUNT; i++) this.words[at.SECRETS / 4 + i] = secrets[i]!;
  }

  /** Takes a batch in. One that is too large is for the rules alone. */
  load(batch: FrameBatch): void {
    const { count, data } = batch;
    const fits = count <= at.MOST_FRAMES && data.length <= at.MOST_OCTETS - at.ALIGNMENT && !this.memory.full;
    this.batch = fits ? batch : undefined;
    if (!fits) return;
    // What lies alike within eight octets is copied by eight.
    const shift = data.byteOffset % at.ALIGNMENT;
    this.octets.set(data, shift);
    this.words[at.BEGIN / 4] = at.OCTETS + shift;
    for (const { name, numbers } of this.columns) numbers.set(batch[name]);
  }

  /** Takes the frames of the batch from number `from` on, up to the first that is not ordinary; gives its number. */
  run(from: number, count: number, frame: number): number {
    if (!this.batch || !this.stores.clock.ticked || !this.hasRoom(count - from)) return from;
    this.tell(frame);
    const to = this.exports.run(from, count);
    if (to > from) this.hear();
    this.taken += to - from;
    return to;
  }

  /** Takes a segment of connection `id` that was located, frame `i`; gives how many packets that has with it, or 0 where it is for the rules. */
  take(batch: FrameBatch, i: number, frame: number, wireEnd: number, located: Located, id: number): number {
    const { table, sighting } = this;
    // A datagram that was put together lies in a batch of its own.
    if (batch !== this.batch || !this.hasRoom(1)) return 0;
    this.tell(frame - 1);
    const { connection } = sighting;
    const sent = connection.words[connection.flowAt(table.fromSecond) + PACKETS]!;
    const partial = sent < CHECKSUMS_LOOKED_AT && hasPartialChecksum(batch.data, located);
    const { ip, ipVersion, tcp, tcpLength, captured } = located;
    const end = Math.min(wireEnd, FARTHEST);
    const packets = this.exports.take(i, ip, ipVersion, tcp, tcpLength, captured, end, id, table.fromSecond, partial);
    if (packets === 0) return 0;
    this.hear();
    this.taken++;
    return packets;
  }

  /** There are pages for all that so many frames may add, and the other side knows where. */
  private hasRoom(frames: number): boolean {
    const { columns, store, log, events } = this.stores;
    columns.reserve(frames);
    store.reserve(frames);
    log.records.reserve(MOST_CHANGES * frames);
    events.records.reserve(frames);
    if (this.memory.full) return false;
    for (const known of this.pages) {
      const { store, addresses } = known;
      for (; known.count < store.pageCount; known.count++) addresses[known.count] = store.pageWords(known.count).byteOffset;
    }
    return true;
  }

  /** What the other side has to know. */
  private tell(frame: number): void {
    const { words, floats, table, waiting } = this;
    const { columns, store, log, events, clock } = this.stores;
    words[at.ROWS / 4] = columns.count;
    words[at.CONNECTIONS / 4] = store.count;
    words[at.CHANGES / 4] = log.records.count;
    words[at.SPARE_CHANGE / 4] = log.spare;
    words[at.EVENTS / 4] = events.records.count;
    words[at.NOTE_COUNT / 4] = 0;
    words[at.TABLE / 4] = table.slots.byteOffset;
    words[at.TABLE_MASK / 4] = table.slots.length - 1;
    words[at.TABLE_USED / 4] = table.used;
    words[at.FRAME / 4] = frame;
    floats[at.ORIGIN / 8] = clock.originSeconds;
    floats[at.ORIGIN / 8 + 1] = clock.originNanoseconds;
    floats[at.NOW / 8] = clock.now;
    floats[at.LATEST / 8] = clock.latest;
    floats[at.PASSED / 8] = clock.passed;
    floats[at.DUE / 8] = waiting.next;
  }

  /** What it did. */
  private hear(): void {
    const { words, floats, table } = this;
    const { columns, store, log, events, clock } = this.stores;
    columns.count = words[at.ROWS / 4]!;
    store.count = words[at.CONNECTIONS / 4]!;
    log.records.count = words[at.CHANGES / 4]!;
    log.spare = words[at.SPARE_CHANGE / 4]!;
    events.counts[HANDSHAKE_KIND]! += words[at.EVENTS / 4]! - events.records.count;
    events.records.count = words[at.EVENTS / 4]!;
    table.used = words[at.TABLE_USED / 4]!;
    clock.now = floats[at.NOW / 8]!;
    clock.latest = floats[at.LATEST / 8]!;
    clock.passed = floats[at.PASSED / 8]!;
    const end = words[at.NOTE_COUNT / 4]! * (at.NOTE_SIZE / 4);
    for (let i = 0; i < end; i += at.NOTE_SIZE / 4) this.heed(this.notes[i]!, this.notes[i + 1]!, this.notes[i + 2]!);
  }

  private heed(what: number, id: number, row: number): void {
    if (what === at.NOTE_CHANGED) this.changed.tell(id);
    else if (what === at.NOTE_MILESTONE) this.stores.milestones.add(id, row);
    else this.waiting.awaitOf(id);
  }
}
