import type { Writable } from 'node:stream';
import { fileError } from '../../workbench/terminal.ts';
import { membersOf, toJson } from './json.ts';
import { Octets } from './octets.ts';

const CHUNK = 256 * 1024;
/** What one piece more is likely to take. */
const SPARE = 16 * 1024;

/**
 * Standard output, or a file, with back-pressure: text is gathered into chunks, and `flush` waits until the reader keeps up. What cannot
 * be written ends the program, with one line about it.
 */
export class Output {
  readonly #stream: Writable;
  #gathered = new Octets(CHUNK + SPARE);
  /** Was written out, and is used again. */
  #free: Octets | undefined;

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
    if (typeof piece === 'string') this.#gathered.text(piece);
    else this.#gathered.octets(piece);
  }

  line(text: string): void {
    this.write(text);
    this.write('\n');
  }

  /** Plain data as JSON (`json.ts`). */
  json(value: unknown): void {
    this.write(toJson(value));
  }

  jsonLine(value: unknown): void {
    this.json(value);
    this.write('\n');
  }

  /** The members of a JSON object, without its braces; all but one if so asked. */
  members(object: object, allBut?: string): void {
    this.write(membersOf(object, allBut));
  }

  get isFull(): boolean {
    return this.#gathered.length >= CHUNK;
  }

  async flush(): Promise<void> {
    const full = this.#gathered;
    if (full.length === 0) return;
    this.#gathered = this.#free ?? new Octets(CHUNK + SPARE);
    this.#free = undefined;
    await new Promise<void>((resolve) => this.#stream.write(full.written, (error) => !error && resolve()));
    full.length = 0;
    this.#free = full;
  }

  async end(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve) => this.#stream.write('', (error) => !error && resolve()));
  }
}
