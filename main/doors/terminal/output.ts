import type { Writable } from 'node:stream';
import { fileError } from '../../workbench/terminal.ts';

const CHUNK = 64 * 1024;

/**
 * Standard output, or a file, with back-pressure: text is gathered into chunks, and `flush` waits until the reader keeps up. What cannot
 * be written ends the program, with one line about it.
 */
export class Output {
  readonly #stream: Writable;
  #pending: (string | Uint8Array)[] = [];
  #length = 0;

  /** `name` is what errors call it. */
  constructor(stream: Writable, name = 'standard output') {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader has gone (`| head`): there is nobody left to write for.
      if (error.code === 'EPIPE') process.exit(0);
      process.stderr.write(`tcpwb: ${fileError('write', name, error).message}\n`);
      process.exit(2);
    });
  }

  /** Text, or octets as they are. */
  write(piece: string | Uint8Array): void {
    this.#pending.push(piece);
    this.#length += piece.length;
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  get isFull(): boolean {
    return this.#length >= CHUNK;
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const pieces = this.#pending;
    this.#pending = [];
    this.#length = 0;
    const isText = pieces.every((piece) => typeof piece === 'string');
    const chunk = isText ? pieces.join('') : Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)));
    if (!this.#stream.write(chunk)) await new Promise((resolve) => this.#stream.once('drain', resolve));
  }

  async end(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve) => this.#stream.write('', (error) => !error && resolve()));
  }
}
