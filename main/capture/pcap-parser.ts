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

  /** Takes all records that are there as a whole, in one go: a call for each would cost as much as reading it. */
  step(octets: Uint8Array, view: DataView, start: number, end: number, position: number): number | string {
    if (!this.#variant) return this.#fileHeader(view, start, end);
    const { nanosPerTick, recordSize } = this.#variant;
    const { frames } = this.#sink;
    const little = this.#little;
    const swapped = this.#minor <= 3;
    let at = start;
    for (;;) {
      const frame = at + recordSize;
      if (frame > end) return at > start ? at - start : -recordSize;
      let captured = view.getUint32(at + Record.captured, little);
      let original = view.getUint32(at + Record.original, little);
      // Versions before 2.3 had the two lengths the other way round; 2.3 itself was written both ways.
      if (swapped && (this.#minor < 3 || captured > original)) [captured, original] = [original, captured];
      if (captured > MAX_FRAME) return at > start ? at - start : `a frame of ${captured} octets, where at most ${MAX_FRAME} are possible`;
      if (frame + captured > end) return at > start ? at - start : -(recordSize + captured);

      let seconds = view.getUint32(at + Record.seconds, little);
      let nanoseconds = view.getUint32(at + Record.fraction, little) * nanosPerTick;
      if (nanoseconds >= 1e9) {
        // Fractions of a second and more occur in damaged files: carry them, so that the time stays a time.
        seconds += Math.floor(nanoseconds / 1e9);
        nanoseconds %= 1e9;
      }
      frames.add(octets, frame, captured, original, seconds, nanoseconds, this.#linkType, 0, position + (frame - start));
      at = frame + captured;
    }
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
