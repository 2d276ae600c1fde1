import type { FrameBatch } from '../wire/frame-batch.ts';

/** What a batch keeps alive: its octets, and 44 more in columns per frame. */
const sizeOf = (batch: FrameBatch): number => batch.data.byteLength + batch.count * 44;

/**
 * Stands between a capture and its consumer: hands batches over one at a time and in order, and when the consumer falls
 * behind by more than `limit` octets drops what comes next and counts it. A live source must never wait for a reader:
 * then the kernel would drop instead, where it shows later.
 */
export class DeliveryQueue {
  readonly #deliver: (batch: FrameBatch) => void | Promise<void>;
  readonly #onFailure: (cause: unknown) => void;
  readonly #limit: number;
  readonly #waiting: FrameBatch[] = [];
  #octets = 0;
  #dropped = 0;
  #failed = false;
  #busy = false;
  #running: Promise<void> = Promise.resolve();

  /** A consumer that throws or rejects gets nothing more; `onFailure` hears of it once. */
  constructor(deliver: (batch: FrameBatch) => void | Promise<void>, limit: number, onFailure: (cause: unknown) => void) {
    this.#deliver = deliver;
    this.#limit = limit;
    this.#onFailure = onFailure;
  }

  /** Frames dropped because the consumer fell behind. */
  get dropped(): number {
    return this.#dropped;
  }

  offer(batch: FrameBatch): void {
    if (this.#failed) return;
    const size = sizeOf(batch);
    if (this.#octets > 0 && this.#octets + size > this.#limit) {
      this.#dropped += batch.count;
      return;
    }
    this.#octets += size;
    this.#waiting.push(batch);
    if (!this.#busy) this.#running = this.#run();
  }

  /** Resolves once the consumer has taken everything offered so far. */
  drained(): Promise<void> {
    return this.#running;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      for (let batch = this.#waiting[0]; batch; batch = this.#waiting[0]) {
        const taken = this.#deliver(batch);
        if (taken) await taken;
        this.#waiting.shift();
        this.#octets -= sizeOf(batch);
      }
    } catch (cause) {
      this.#failed = true;
      this.#waiting.length = 0;
      this.#onFailure(cause);
    } finally {
      this.#busy = false;
    }
  }
}
