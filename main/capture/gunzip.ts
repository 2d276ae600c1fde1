import { constants, createGunzip, gunzipSync } from 'node:zlib';

/** A compressed capture up to this size is kept while it is read, for `salvage`; and so much it may unfold to then. */
const KEPT = 4 << 20;
const UNFOLDED = 32 << 20;

/**
 * Decompresses a gzip stream piece by piece. What a piece holds is handed on before `write` resolves, so whoever waits
 * for it bounds the memory used, and what stands before a damaged place is not lost.
 */
export class Gunzip {
  readonly #zlib = createGunzip({ chunkSize: 1 << 16 });
  /** What was wrong with the compressed stream, once something was. */
  error: NodeJS.ErrnoException | undefined;

  #goOn = () => {};
  /** Everything written, while that is little. */
  #kept: Uint8Array[] | undefined = [];
  #written = 0;
  #handedOn = 0;

  constructor(onData: (chunk: Uint8Array) => void) {
    this.#zlib.on('data', (chunk: Uint8Array) => {
      this.#handedOn += chunk.length;
      onData(chunk);
    });
    this.#zlib.on('error', (error) => {
      this.error = error;
    });
    this.#zlib.on('close', () => this.#goOn()); // a stream that failed does not call its writers back
  }

  /** Deflate expands a thousandfold at most: keep the pieces short. */
  write(piece: Uint8Array): Promise<void> {
    this.#written += piece.length;
    if (this.#written > KEPT) this.#kept = undefined;
    this.#kept?.push(piece);
    return this.#until((done) => this.#zlib.write(piece, done));
  }

  /** Resolves once everything was handed on. */
  end(): Promise<void> {
    return this.#until(() => this.#zlib.end());
  }

  #until(act: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
      if (this.#zlib.closed) resolve();
      else act(resolve);
    });
  }

  /**
   * Of a small stream that was damaged, what stood before the damage and was not handed on: zlib keeps its last octets to itself when
   * it fails, which is all of a short capture with something behind its end.
   */
  salvage(): Uint8Array {
    const all = Buffer.concat(this.#kept ?? []);
    let whole: Uint8Array = new Uint8Array(0);
    for (let good = 0, bad = all.length + 1; bad - good > 1; ) {
      const middle = (good + bad) >>> 1;
      const unfolded = unfold(all.subarray(0, middle));
      if (unfolded) [good, whole] = [middle, unfolded];
      else bad = middle;
    }
    return whole.subarray(Math.min(this.#handedOn, whole.length));
  }

  /** Forgets the rest. */
  destroy(): void {
    this.#zlib.destroy();
  }
}

export const isGzip = (octets: Uint8Array): boolean => octets[0] === 0x1f && octets[1] === 0x8b;

/** What the beginning of a gzip stream holds; undefined where it is damaged. */
function unfold(beginning: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(beginning, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNFOLDED });
  } catch {
    return undefined;
  }
}
