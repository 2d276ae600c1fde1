import type { FrameBatch } from '../wire/frame-batch.ts';

const MAX_FRAMES = 4096;
/** Room for copied frames doubles from the first to the second. Often a single one is copied: that which two pieces of a stream share. */
const LEAST_OCTETS = 1 << 12;
const MOST_OCTETS = 1 << 20;
const NO_OCTETS = new Uint8Array(0);

/**
 * Gathers frames into batches. Octets are copied once, here, or, where `borrow` allowed it, not at all; either way they
 * belong to whoever takes the batch.
 */
export class BatchBuilder {
  readonly #onBatch: (batch: FrameBatch) => void;
  readonly #offset = new Uint32Array(MAX_FRAMES);
  readonly #capturedLength = new Uint32Array(MAX_FRAMES);
  readonly #originalLength = new Uint32Array(MAX_FRAMES);
  readonly #seconds = new Float64Array(MAX_FRAMES);
  readonly #nanoseconds = new Uint32Array(MAX_FRAMES);
  readonly #linkType = new Uint16Array(MAX_FRAMES);
  readonly #interfaceId = new Uint16Array(MAX_FRAMES);
  readonly #position = new Float64Array(MAX_FRAMES);
  #data: Uint8Array = NO_OCTETS;
  /** Frames of this need no copy; those at hand begin at `#base` in it, if `#inPlace`. */
  #borrowed: Uint8Array | undefined;
  #inPlace = false;
  #base = 0;
  #used = 0;
  #count = 0;

  constructor(onBatch: (batch: FrameBatch) => void) {
    this.#onBatch = onBatch;
  }

  /** Frames of `source` are referred to, not copied, until another is lent. Its octets must not change any more. */
  borrow(source: Uint8Array): void {
    this.#borrowed = source;
  }

  /** Takes the frame `source[at .. at + captured)`. */
  add(
    source: Uint8Array,
    at: number,
    captured: number,
    original: number,
    seconds: number,
    nanoseconds: number,
    linkType: number,
    interfaceId: number,
    position: number,
  ): void {
    if (source === this.#borrowed) this.#refer(source, at, captured);
    else this.#copy(source, at, captured);
    const i = this.#count++;
    this.#offset[i] = this.#used - captured;
    this.#capturedLength[i] = captured;
    this.#originalLength[i] = original;
    this.#seconds[i] = seconds;
    this.#nanoseconds[i] = nanoseconds;
    this.#linkType[i] = linkType;
    this.#interfaceId[i] = interfaceId;
    this.#position[i] = position;
    if (this.#count === MAX_FRAMES) this.flush();
  }

  #refer(source: Uint8Array, at: number, captured: number): void {
    if (!this.#inPlace || source !== this.#data) {
      this.flush();
      this.#inPlace = true;
      this.#data = source;
      this.#base = at;
    }
    this.#used = at + captured - this.#base;
  }

  #copy(source: Uint8Array, at: number, captured: number): void {
    if (this.#inPlace || this.#used + captured > MOST_OCTETS) this.flush();
    if (this.#used + captured > this.#data.length) this.#makeRoom(captured);
    // A typed-array copy per frame costs a view; short frames are cheaper octet by octet.
    if (captured < 64) for (let i = 0; i < captured; i++) this.#data[this.#used + i] = source[at + i]!;
    else this.#data.set(source.subarray(at, at + captured), this.#used);
    this.#used += captured;
  }

  #makeRoom(captured: number): void {
    const larger = new Uint8Array(Math.max(LEAST_OCTETS, 2 * this.#data.length, this.#used + captured));
    larger.set(this.#data.subarray(0, this.#used));
    this.#data = larger;
  }

  /** Frames added and not handed over. */
  get waiting(): number {
    return this.#count;
  }

  /** Hands over what there is; nothing when there is nothing. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    // Not `subarray`: of a Buffer that would be another Buffer.
    const octets = new Uint8Array(this.#data.buffer, this.#data.byteOffset + this.#base, this.#used);
    // A mostly empty buffer is not worth keeping alive for as long as the batch lives.
    const data = octets.length * 2 < this.#data.length ? octets.slice() : octets;
    this.#data = NO_OCTETS;
    this.#inPlace = false;
    this.#base = this.#used = this.#count = 0;
    this.#onBatch({
      count,
      data,
      offset: this.#offset.slice(0, count),
      capturedLength: this.#capturedLength.slice(0, count),
      originalLength: this.#originalLength.slice(0, count),
      seconds: this.#seconds.slice(0, count),
      nanoseconds: this.#nanoseconds.slice(0, count),
      linkType: this.#linkType.slice(0, count),
      interfaceId: this.#interfaceId.slice(0, count),
      position: this.#position.slice(0, count),
    });
  }
}
