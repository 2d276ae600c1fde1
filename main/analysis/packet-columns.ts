import type { Clock } from './clock.ts';

const SHIFT = 14;
const ROWS = 1 << SHIFT;
const MASK = ROWS - 1;

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
} as const;
/** The control bits in the `flags` column, AE among them. */
export const CONTROL_BITS = 0x1ff;

/** 2 ** 32, for a position kept in two words. */
const WORD = 0x1_0000_0000;
/** Ends a connection's chain of packets. */
export const NO_PACKET = -1;

/** Some thousand packets in columns, 64 octets each; their payload stays in the capture file. */
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
  /** Control bits, and those of `Shown`. */
  readonly flags = new Uint16Array(ROWS);
  readonly window = new Uint16Array(ROWS);
  /** Payload octets the IP header claims. */
  readonly length = new Uint32Array(ROWS);
  /** Event marks (`marks.ts`). */
  readonly marks = new Uint32Array(ROWS);
  readonly capturedLength = new Uint32Array(ROWS);
  /** Of the timestamps option (RFC 7323 §3.2); 0 without it. */
  readonly tsValue = new Uint32Array(ROWS);
  readonly tsEcho = new Uint32Array(ROWS);
  /** IPv4 identification; 0 with IPv6. */
  readonly ipId = new Uint16Array(ROWS);
  /** Octet position of the frame in its capture file, 48 bits of it: `position` and `place` put them together. */
  private readonly positionLow = new Uint32Array(ROWS);
  private readonly positionHigh = new Uint16Array(ROWS);

  /** Octet position in its capture file of the frame in slot `i`. */
  position(i: number): number {
    return this.positionHigh[i]! * WORD + this.positionLow[i]!;
  }
  place(i: number, position: number): void {
    this.positionHigh[i] = position / WORD;
    this.positionLow[i] = position;
  }
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

  /** Its event marks. */
  marks(row: number): number {
    return this.page(row).marks[row & MASK]!;
  }

  /** When it was captured, on the analysis clock. */
  time(row: number, clock: Clock): number {
    const page = this.page(row);
    return clock.since(page.seconds[row & MASK]!, page.nanoseconds[row & MASK]!);
  }

  /** Octets allocated. */
  get memory(): number {
    return this.pages.length * ROWS * 64;
  }
}

/** Where a row lies in its page. */
export const slot = (row: number): number => row & MASK;
