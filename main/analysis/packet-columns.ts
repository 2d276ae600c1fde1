import type { FrameBatch } from '../wire/frame-batch.ts';
import { type Arena, floatsOf, HEAP, type Paged } from './arena.ts';
import type { Clock } from './clock.ts';
import {
  ACK,
  CAPTURED_LENGTH,
  CONNECTION,
  FLAGS_AND_WINDOW,
  FRAME,
  LENGTH,
  MARKS,
  NANOSECONDS,
  NEXT,
  POSITION_HIGH_AND_IP_ID,
  POSITION_LOW,
  SECONDS,
  SEQ,
  TS_ECHO,
  TS_VALUE,
  WORDS_SHIFT,
} from './row-words.ts';

const SHIFT = 12;
const ROWS = 1 << SHIFT;
const MASK = ROWS - 1;
/** Octets of a row. */
const ROW_SIZE = 4 << WORDS_SHIFT;

/** What the `flags` column holds above the nine control bits. */
export const Shown = {
  /** The connection's second endpoint (in the flow table's order) sent it. */
  FROM_SECOND: 1 << 15,
  /** It carries timestamps: `tsValue` and `tsEcho` are its. */
  TIMESTAMPS: 1 << 14,
  /** It carries SACK blocks. */
  SACK: 1 << 13,
  /** The first of them tells of octets that came twice (RFC 2883). */
  DUPLICATE_SACK: 1 << 12,
  /** It came with another TTL or hop limit than its sender's segment before it. */
  OTHER_HOPS: 1 << 11,
  /** Its checksum was left to the network card (`wire/tcp-checksum.ts`); looked for in a side's first segments only. */
  PARTIAL_CHECKSUM: 1 << 10,
  /** It came in IP fragments, or its tunnel's packet did. */
  FRAGMENTS: 1 << 9,
} as const;
/** The control bits in the `flags` column, AE among them. */
export const CONTROL_BITS = 0x1ff;

/** 2 ** 32, for a position kept in two words. */
const WORD = 0x1_0000_0000;
/** Ends a connection's chain of packets. */
export const NO_PACKET = -1;

/** Some thousand packets, a row of 64 octets each, so that whoever asks for a packet finds it in one place; their payload stays in the capture file. */
export class PacketPage {
  readonly words: Int32Array;
  readonly floats: Float64Array;

  constructor(words: Int32Array) {
    this.words = words;
    this.floats = floatsOf(words);
  }

  // Of the packet in slot `i`.
  seconds(i: number): number {
    return this.floats[(i << (WORDS_SHIFT - 1)) + SECONDS]!;
  }
  nanoseconds(i: number): number {
    return this.words[(i << WORDS_SHIFT) + NANOSECONDS]!;
  }
  frame(i: number): number {
    return this.words[(i << WORDS_SHIFT) + FRAME]! >>> 0;
  }
  connection(i: number): number {
    return this.words[(i << WORDS_SHIFT) + CONNECTION]!;
  }
  /** Row of the connection's next packet, or NO_PACKET. */
  next(i: number): number {
    return this.words[(i << WORDS_SHIFT) + NEXT]!;
  }
  link(i: number, next: number): void {
    this.words[(i << WORDS_SHIFT) + NEXT] = next;
  }
  seq(i: number): number {
    return this.words[(i << WORDS_SHIFT) + SEQ]! >>> 0;
  }
  ack(i: number): number {
    return this.words[(i << WORDS_SHIFT) + ACK]! >>> 0;
  }
  flags(i: number): number {
    return this.words[(i << WORDS_SHIFT) + FLAGS_AND_WINDOW]! & 0xffff;
  }
  /** Adds one of `Shown` to the flags. */
  show(i: number, shown: number): void {
    this.words[(i << WORDS_SHIFT) + FLAGS_AND_WINDOW]! |= shown;
  }
  window(i: number): number {
    return this.words[(i << WORDS_SHIFT) + FLAGS_AND_WINDOW]! >>> 16;
  }
  length(i: number): number {
    return this.words[(i << WORDS_SHIFT) + LENGTH]! >>> 0;
  }
  marks(i: number): number {
    return this.words[(i << WORDS_SHIFT) + MARKS]!;
  }
  capturedLength(i: number): number {
    return this.words[(i << WORDS_SHIFT) + CAPTURED_LENGTH]! >>> 0;
  }
  tsValue(i: number): number {
    return this.words[(i << WORDS_SHIFT) + TS_VALUE]! >>> 0;
  }
  tsEcho(i: number): number {
    return this.words[(i << WORDS_SHIFT) + TS_ECHO]! >>> 0;
  }
  ipId(i: number): number {
    return this.words[(i << WORDS_SHIFT) + POSITION_HIGH_AND_IP_ID]! >>> 16;
  }
  position(i: number): number {
    const at = i << WORDS_SHIFT;
    return (this.words[at + POSITION_HIGH_AND_IP_ID]! & 0xffff) * WORD + (this.words[at + POSITION_LOW]! >>> 0);
  }
}

/** Every TCP packet of a capture. It grows by pages, so nothing is copied and little stands empty. */
export class PacketColumns implements Paged {
  count = 0;
  private readonly pages: PacketPage[] = [];
  private readonly arena: Arena;

  constructor(arena: Arena = HEAP) {
    this.arena = arena;
  }

  /** A new row, the last; its words are to be written at once. */
  add(): number {
    const row = this.count++;
    if (row >>> SHIFT === this.pages.length) this.addPage();
    return row;
  }

  reserve(more: number): void {
    while (this.count + more > this.pages.length * ROWS) this.addPage();
  }

  get pageCount(): number {
    return this.pages.length;
  }

  pageWords(page: number): Int32Array {
    return this.pages[page]!.words;
  }

  private addPage(): void {
    this.pages.push(new PacketPage(this.arena.words(ROWS << WORDS_SHIFT)));
  }

  page(row: number): PacketPage {
    return this.pages[row >>> SHIFT]!;
  }

  next(row: number): number {
    return this.page(row).next(row & MASK);
  }

  /** Makes `row` follow `previous` in their connection. */
  link(previous: number, row: number): void {
    this.page(previous).link(previous & MASK, row);
  }

  frame(row: number): number {
    return this.page(row).frame(row & MASK);
  }

  /** Its event marks. */
  marks(row: number): number {
    return this.page(row).marks(row & MASK);
  }

  /** When it was captured, on the analysis clock. */
  time(row: number, clock: Clock): number {
    const page = this.page(row);
    return clock.since(page.seconds(row & MASK), page.nanoseconds(row & MASK));
  }

  /** Octets in use: of a page that is not full yet, the system has given no more. */
  get memory(): number {
    return this.count * ROW_SIZE;
  }
}

/** Where a row lies in its page. */
export const slot = (row: number): number => row & MASK;

/**
 * Fills the row `packet`, frame `i` of a batch and number `frame` of the capture; it is the last of its connection. Numbers of 32 bits are given
 * as signed ones, which need no memory of their own.
 */
export function writeRow(
  columns: PacketColumns,
  packet: number,
  frame: number,
  batch: FrameBatch,
  i: number,
  connection: number,
  seq: number,
  ack: number,
  flagsAndWindow: number,
  length: number,
  marks: number,
  tsValue: number,
  tsEcho: number,
  ipId: number,
): void {
  const page = columns.page(packet);
  const { words } = page;
  const at = slot(packet) << WORDS_SHIFT;
  const position = batch.position[i]!;
  page.floats[(at + SECONDS) >> 1] = batch.seconds[i]!;
  words[at + NANOSECONDS] = batch.nanoseconds[i]!;
  words[at + FRAME] = frame;
  words[at + CONNECTION] = connection;
  words[at + NEXT] = NO_PACKET;
  words[at + SEQ] = seq;
  words[at + ACK] = ack;
  words[at + FLAGS_AND_WINDOW] = flagsAndWindow;
  words[at + LENGTH] = length;
  words[at + MARKS] = marks;
  words[at + CAPTURED_LENGTH] = batch.capturedLength[i]!;
  words[at + TS_VALUE] = tsValue;
  words[at + TS_ECHO] = tsEcho;
  words[at + POSITION_LOW] = position;
  words[at + POSITION_HIGH_AND_IP_ID] = ((position / WORD) & 0xffff) | (ipId << 16);
}
