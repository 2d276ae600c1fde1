import { createGunzip } from 'node:zlib';

/**
 * Decompresses a gzip stream piece by piece. What a piece holds is handed on before `write` resolves, so whoever waits
 * for it bounds the memory used, and what stands before a damaged place is not lost.
 */
export class Gunzip {
  readonly #zlib = createGunzip({ chunkSize: 1 << 16 });
  /** What was wrong with the compressed stream, once something was. */
  error: NodeJS.ErrnoException | undefined;

  #goOn = () => {};

  constructor(onData: (chunk: Uint8Array) => void) {
    this.#zlib.on('data', onData);
    this.#zlib.on('error', (error) => {
      this.error = error;
    });
    this.#zlib.on('close', () => this.#goOn()); // a stream that failed does not call its writers back
  }

  /** Deflate expands a thousandfold at most: keep the pieces short. */
  write(piece: Uint8Array): Promise<void> {
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

  /** Forgets the rest. */
  destroy(): void {
    this.#zlib.destroy();
  }
}

export const isGzip = (octets: Uint8Array): boolean => octets[0] === 0x1f && octets[1] === 0x8b;
