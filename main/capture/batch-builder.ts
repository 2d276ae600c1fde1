import type { FrameBatch } from '../wire/frame-batch.ts';

const MAX_FRAMES = 4096;
const NO_OCTETS = new Uint8Array(0);

/** Gathers frames into batches. Their octets stay where they lie, and belong to whoever takes the batch. */
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
  /** Where the frames lie, from `#base` on. */
  #octets: Uint8Array = NO_OCTETS;
  #base = 0;
  #count = 0;

  constructor(onBatch: (batch: FrameBatch) => void) {
    this.#onBatch = onBatch;
  }

  /** The frames added next lie in `octets`, from `from` on. It must not change any more. */
  lend(octets: Uint8Array, from: number): void {
    this.flush();
    this.#octets = octets;
    this.#base = from;
  }

  /** A flush has to come before the next frame. */
  get isFull(): boolean {
    return this.#count === MAX_FRAMES;
  }

  /** Takes the frame that lies at `at` in what was lent, behind the one added before. */
  add(
    at: number,
    captured: number,
    original: number,
    seconds: number,
    nanoseconds: number,
    linkType: number,
    interfaceId: number,
    position: number,
  ): void {
    const i = this.#count;
    this.#count = i + 1;
    this.#offset[i] = at - this.#base;
    this.#capturedLength[i] = captured;
    this.#originalLength[i] = original;
    this.#seconds[i] = seconds;
    this.#nanoseconds[i] = nanoseconds;
    this.#linkType[i] = linkType;
    this.#interfaceId[i] = interfaceId;
    this.#position[i] = position;
  }

  /** Frames added and not handed over. */
  get waiting(): number {
    return this.#count;
  }

  /** Hands over what there is; nothing when there is nothing. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    const used = this.#offset[count - 1]! + this.#capturedLength[count - 1]!;
    // Not `subarray`: of a Buffer that would be another Buffer.
    const octets = new Uint8Array(this.#octets.buffer, this.#octets.byteOffset + this.#base, used);
    // A mostly empty buffer is not worth keeping alive for as long as the batch lives.
    const data = octets.length * 4 < this.#octets.length ? octets.slice() : octets;
    this.#base += used;
    this.#count = 0;
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
