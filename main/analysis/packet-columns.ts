import type { Clock } from './clock.ts';

const SHIFT = 14;
const ROWS = 1 << SHIFT;
const MASK = ROWS - 1;

/** Set in `flags` when the connection's second endpoint (in the flow table's order) sent the segment. */
export const FROM_SECOND = 0x8000;
/** Ends a connection's chain of packets. */
export const NO_PACKET = -1;

/** Some thousand packets in columns, 56 octets each; their payload stays in the capture file. */
export class PacketPage {
  /** 1-based frame number. */
  readonly frame = new Uint32Array(ROWS);
  readonly seconds = new Float64Array(ROWS);
  readonly nanoseconds = new Uint32Array(ROWS);
  readonly connection = new Uint32Array(ROWS);
  /** Row of the connection's next packet, or NO_PACKET. */
  readonly next = new Int32Array(ROWS);
  readonly seq = new Uint32Array(ROWS);
  readonly ack = new Uint32Array(ROWS);
  /** Control bits, and FROM_SECOND. */
  readonly flags = new Uint16Array(ROWS);
  readonly window = new Uint16Array(ROWS);
  /** Payload octets the IP header claims. */
  readonly length = new Uint32Array(ROWS);
  /** Event marks (`marks.ts`). */
  readonly marks = new Uint32Array(ROWS);
  readonly position = new Float64Array(ROWS);
  readonly capturedLength = new Uint32Array(ROWS);
}

/** Every TCP packet of a capture. It grows by pages, so nothing is copied and little stands empty. */
export class PacketColumns {
  count = 0;
  private readonly pages: PacketPage[] = [];

  /** A new row, all zero but for its chain, which ends there. */
  add(): number {
    const row = this.count++;
    if ((row & MASK) === 0) this.pages.push(new PacketPage());
    this.page(row).next[row & MASK] = NO_PACKET;
    return row;
  }

  page(row: number): PacketPage {
    return this.pages[row >>> SHIFT]!;
  }

  next(row: number): number {
    return this.page(row).next[row & MASK]!;
  }

  /** Makes `row` follow `previous` in their connection. */
  link(previous: number, row: number): void {
    this.page(previous).next[previous & MASK] = row;
  }

  frame(row: number): number {
    return this.page(row).frame[row & MASK]!;
  }

  /** When it was captured, on the analysis clock. */
  time(row: number, clock: Clock): number {
    const page = this.page(row);
    return clock.since(page.seconds[row & MASK]!, page.nanoseconds[row & MASK]!);
  }

  /** Octets allocated. */
  get memory(): number {
    return this.pages.length * ROWS * 56;
  }
}

/** Where a row lies in its page. */
export const slot = (row: number): number => row & MASK;
