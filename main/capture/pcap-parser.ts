import { MAX_FRAME, type RecordParser, type RecordSink } from './record-parser.ts';

/** Octet offsets of the classic pcap file header and of a record's header (draft-ietf-opsawg-pcap). */
const FileHeader = { magic: 0, major: 4, minor: 6, snapLength: 16, linkType: 20, size: 24 } as const;
const Record = { seconds: 0, fraction: 4, captured: 8, original: 12, size: 16 } as const;

/** Alexey Kuznetzov's variant, written by some old Linux systems, adds interface, protocol and packet type to each record. */
const MODIFIED_RECORD_SIZE = 24;

interface Variant {
  readonly nanosPerTick: 1 | 1000;
  readonly recordSize: number;
}
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { nanosPerTick: 1000, recordSize: Record.size }],
  [0xa1b23c4d, { nanosPerTick: 1, recordSize: Record.size }],
  [0xa1b2cd34, { nanosPerTick: 1000, recordSize: MODIFIED_RECORD_SIZE }],
]);

/** Above the link type, the field may say whether frames carry their check sequence (FCS) and how long that is. */
const LINK_TYPE_MASK = 0xffff;

/** True if a capture that starts with these four octets is a classic pcap, in either byte order. */
export const isPcap = (view: DataView, at: number): boolean => VARIANTS.has(view.getUint32(at)) || VARIANTS.has(view.getUint32(at, true));

export class PcapParser implements RecordParser {
  readonly format = 'pcap';
  readonly #sink: RecordSink;
  #variant: Variant | undefined;
  #little = false;
  #minor = 0;
  #linkType = 0;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  step(view: DataView, at: number, end: number, position: number): number | string {
    if (!this.#variant) return this.#fileHeader(view, at, end);
    const next = this.#records(view, at, end, position - at, this.#variant);
    return next > at ? next - at : this.#unread(view, at, end, this.#variant);
  }

  /**
   * Takes the records that are there as a whole, while there is room for them, and returns where it stopped. Why it did is told
   * elsewhere: code that had not run when this loop was compiled makes V8 compile it anew.
   */
  #records(view: DataView, start: number, end: number, shift: number, { nanosPerTick, recordSize }: Variant): number {
    const { frames } = this.#sink;
    const little = this.#little;
    let at = start;
    while (at + recordSize <= end && !frames.isFull) {
      const frame = at + recordSize;
      const first = view.getUint32(at + Record.captured, little);
      const second = view.getUint32(at + Record.original, little);
      const swapped = this.#swapped(first, second);
      const captured = swapped ? second : first;
      if (captured > MAX_FRAME || frame + captured > end) break;
      let seconds = view.getUint32(at + Record.seconds, little);
      let nanoseconds = view.getUint32(at + Record.fraction, little) * nanosPerTick;
      if (nanoseconds >= 1e9) {
        // Fractions of a second and more occur in damaged files: carry them, so that the time stays a time.
        seconds += Math.floor(nanoseconds / 1e9);
        nanoseconds %= 1e9;
      }
      frames.add(frame, captured, swapped ? first : second, seconds, nanoseconds, this.#linkType, 0, frame + shift);
      at = frame + captured;
    }
    return at;
  }

  /** Versions before 2.3 had the two lengths the other way round; 2.3 itself was written both ways. */
  #swapped(first: number, second: number): boolean {
    return this.#minor < 3 || (this.#minor === 3 && first > second);
  }

  /** Why the record at `at` was not taken. */
  #unread(view: DataView, at: number, end: number, { recordSize }: Variant): number | string {
    if (at + recordSize > end) return -recordSize;
    const first = view.getUint32(at + Record.captured, this.#little);
    const second = view.getUint32(at + Record.original, this.#little);
    const captured = this.#swapped(first, second) ? second : first;
    if (captured > MAX_FRAME) return `a frame of ${captured} octets, where at most ${MAX_FRAME} are possible`;
    return -(recordSize + captured);
  }

  #fileHeader(view: DataView, at: number, end: number): number | string {
    if (end - at < FileHeader.size) return -FileHeader.size;
    this.#little = VARIANTS.has(view.getUint32(at + FileHeader.magic, true));
    const major = view.getUint16(at + FileHeader.major, this.#little);
    this.#minor = view.getUint16(at + FileHeader.minor, this.#little);
    if (major !== 2) return `version ${major}.${this.#minor} of the pcap format, where 2.x is known`;
    this.#variant = VARIANTS.get(view.getUint32(at + FileHeader.magic, this.#little))!;
    this.#linkType = view.getUint32(at + FileHeader.linkType, this.#little) & LINK_TYPE_MASK;
    this.#sink.onInterface({ id: 0, linkType: this.#linkType, snapLength: view.getUint32(at + FileHeader.snapLength, this.#little) });
    return FileHeader.size;
  }
}
