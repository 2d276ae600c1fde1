import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { CaptureError } from './capture-error.ts';
import { isPcap, PcapParser } from './pcap-parser.ts';
import { isPcapng, PcapngParser } from './pcapng-parser.ts';
import type { CaptureInterface, CaptureStatistics, RecordParser, RecordSink } from './record-parser.ts';

/** Why reading stopped before the end of a capture. Every frame before `position` was delivered. */
export interface CaptureNote {
  /** `truncated`: the octets end within a record. `damaged`: a record makes no sense, and what follows cannot be trusted. */
  readonly kind: 'truncated' | 'damaged';
  /** Where the record in question starts, in octets of the uncompressed capture. */
  readonly position: number;
  readonly message: string;
}

/** What there is to say about a capture once it has been read. */
export interface CaptureEnd {
  readonly format: 'pcap' | 'pcapng';
  readonly frames: number;
  readonly interfaces: readonly CaptureInterface[];
  readonly note?: CaptureNote;
}

export interface CaptureReaderOptions {
  readonly onBatch: (batch: FrameBatch) => void;
  readonly onInterface?: (found: CaptureInterface) => void;
  readonly onStatistics?: (found: CaptureStatistics) => void;
  /** A comment of a frame, by its number from 1; it comes before the batch that holds the frame. */
  readonly onComment?: (frame: number, text: string) => void;
  /** A live reader hands its frames over at the end of every push; others gather full batches. */
  readonly live?: boolean;
}

const MAGIC_SIZE = 4;
const NO_OCTETS = new Uint8Array(0);

const NOT_A_CAPTURE: CaptureError = {
  kind: 'not-a-capture',
  message: 'This is not a capture file.',
  help: 'pcap and pcapng are read, and either of them compressed with gzip. Save the capture as one of these.',
};

/**
 * Reads a pcap or pcapng stream given in pieces of any size. Whatever the octets, it neither throws nor remembers more
 * than one record, and memory grows with the octets that arrive, never with a length they claim.
 */
export class CaptureReader {
  readonly #frames: BatchBuilder;
  readonly #sink: RecordSink;
  readonly #live: boolean;
  readonly #interfaces: CaptureInterface[] = [];
  #parser: RecordParser | undefined;
  #count = 0;
  /** Where the next record starts in the stream. */
  #position = 0;
  /** The start of a record whose end has not arrived. */
  #carry = NO_OCTETS;
  #carried = 0;
  /** Octets the record in `#carry` needs before it can be read. */
  #needed = MAGIC_SIZE;
  /** Octets still to pass over. */
  #skip = 0;
  #damage: string | undefined;

  constructor({ onBatch, onInterface, onStatistics, onComment, live = false }: CaptureReaderOptions) {
    this.#frames = new BatchBuilder((batch) => {
      this.#count += batch.count;
      onBatch(batch);
    });
    this.#live = live;
    this.#sink = {
      frames: this.#frames,
      onInterface: (found) => {
        this.#interfaces.push(found);
        onInterface?.(found);
      },
      onStatistics: (found) => onStatistics?.(found),
      onComment: (text) => onComment?.(this.#count + this.#frames.waiting, text),
    };
  }

  /** True once a record made no sense: nothing that is pushed will change the outcome. */
  get stopped(): boolean {
    return this.#damage !== undefined;
  }

  /** The next octets of the stream. Batches refer to them, so they must not change any more. */
  push(chunk: Uint8Array): void {
    let at = this.#pass(chunk, 0);
    while (at < chunk.length && this.#carried > 0 && !this.stopped) at = this.#complete(chunk, at);
    if (at < chunk.length && !this.stopped) this.#readInPlace(chunk, at);
    if (this.#live) this.#frames.flush();
  }

  /** Delivers the last frames. An error means that there was not one to deliver, and why. */
  finish(): Result<CaptureEnd, CaptureError> {
    this.#frames.flush();
    if (!this.#parser)
      return err(this.#carried === 0 && !this.stopped ? { ...NOT_A_CAPTURE, message: 'The capture is empty.' } : NOT_A_CAPTURE);
    const note = this.#note();
    const { format } = this.#parser;
    if (note && this.#count === 0 && (note.kind === 'damaged' || this.#interfaces.length === 0))
      return err({ kind: 'damaged', message: `The ${format} capture is unusable: ${note.message}` });
    return ok({ format, frames: this.#count, interfaces: this.#interfaces, ...(note && { note }) });
  }

  #note(): CaptureNote | undefined {
    const position = this.#position;
    if (this.#damage)
      return { kind: 'damaged', position, message: `at octet ${position} stands ${this.#damage}; what follows was not read.` };
    if (this.#skip === 0 && this.#carried === 0) return undefined;
    return { kind: 'truncated', position, message: `it ends in the middle of the record that starts at octet ${position}.` };
  }

  /** Passes over what is left of a record that nobody wants. */
  #pass(chunk: Uint8Array, at: number): number {
    const passed = Math.min(this.#skip, chunk.length - at);
    this.#skip -= passed;
    this.#position += passed;
    return at + passed;
  }

  /** Moves octets into the carry until the record there can be read. Returns where the chunk goes on. */
  #complete(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#needed - this.#carried);
    this.#keep(chunk, at, end);
    if (this.#carried < this.#needed) return end;
    const record = this.#carry.subarray(0, this.#carried);
    this.#frames.lend(record, 0);
    const took = this.#step(viewOf(record), 0, record.length);
    if (took === 0) return end;
    this.#carry = NO_OCTETS; // what was lent must not change any more
    this.#carried = 0;
    this.#advance(took, record.length);
    return this.#pass(chunk, end);
  }

  #readInPlace(chunk: Uint8Array, from: number): void {
    const view = viewOf(chunk);
    this.#frames.lend(chunk, from);
    let at = from;
    while (at < chunk.length) {
      const took = this.#step(view, at, chunk.length);
      if (took === 0) break;
      this.#advance(took, chunk.length - at);
      at += took;
    }
    if (at < chunk.length && !this.stopped) this.#keep(chunk, at, chunk.length);
  }

  /** The stream goes on `took` octets later, of which `here` were at hand. */
  #advance(took: number, here: number): void {
    this.#position += Math.min(took, here);
    this.#skip = Math.max(0, took - here);
  }

  /** Reads the record at `at`: how many octets it takes, or 0 when more are needed or it made no sense. */
  #step(view: DataView, at: number, end: number): number {
    if (!this.#parser) {
      if (end - at < MAGIC_SIZE) return 0;
      this.#parser = isPcapng(view, at) ? new PcapngParser(this.#sink) : isPcap(view, at) ? new PcapParser(this.#sink) : undefined;
      if (!this.#parser) {
        this.#damage = 'no known format';
        return 0;
      }
    }
    const outcome = this.#parser.step(view, at, end, this.#position);
    if (this.#frames.isFull) this.#frames.flush();
    if (typeof outcome === 'string') this.#damage = outcome;
    else if (outcome > 0) return outcome;
    else this.#needed = -outcome;
    return 0;
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    const length = this.#carried + to - from;
    if (length > this.#carry.length) {
      // Doubled from what is here, not from what the record claims to need.
      const larger = new Uint8Array(Math.max(256, length * 2));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(from, to), this.#carried);
    this.#carried = length;
  }
}

const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
