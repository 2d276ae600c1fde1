import { createGunzip } from 'node:zlib';

/**
 * Decompresses a gzip stream piece by piece. What a piece holds is handed on before `write` resolves, so whoever waits
 * for it bounds the memory used, and what stands before a damaged place is not lost.
 */
export class Gunzip {
  readonly #zlib = createGunzip({ chunkSize: 1 << 16 });
  /** What was wrong with the compressed stream, once something was. */
  error: NodeJS.ErrnoException | undefined;

  constructor(onData: (chunk: Uint8Array) => void) {
    this.#zlib.on('data', onData);
    this.#zlib.on('error', (error) => {
      this.error = error;
    });
  }

  /** Deflate expands a thousandfold at most: keep the pieces short. */
  write(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#zlib.write(piece, () => resolve());
    });
  }

  /** Resolves once everything was handed on. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#zlib.closed) return resolve();
      this.#zlib.once('close', () => resolve());
      this.#zlib.end();
    });
  }

  /** Forgets the rest. */
  destroy(): void {
    this.#zlib.destroy();
  }
}

export const isGzip = (octets: Uint8Array): boolean => octets[0] === 0x1f && octets[1] === 0x8b;
