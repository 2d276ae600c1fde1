import type { Writable } from 'node:stream';

const CHUNK = 64 * 1024;

/** Standard output with back-pressure: text is gathered into chunks, and `flush` waits until the reader keeps up. */
export class Output {
  readonly #stream: Writable;
  #pending: string[] = [];
  #length = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    // The reader has gone (`| head`): there is nobody left to write for.
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 74));
  }

  write(text: string): void {
    this.#pending.push(text);
    this.#length += text.length;
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  get isFull(): boolean {
    return this.#length >= CHUNK;
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#length = 0;
    if (!this.#stream.write(text)) await new Promise((resolve) => this.#stream.once('drain', resolve));
  }

  async end(): Promise<void> {
    await this.flush();
    await new Promise((resolve) => this.#stream.write('', resolve));
  }
}
