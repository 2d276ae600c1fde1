import { randomUUID } from 'node:crypto';
import { open, read, unlink, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { WorkbenchError } from '../../preload/contract.ts';
import { PcapngEncoder } from '../capture/pcapng-encoder.ts';
import { readCapture } from '../capture/read-capture.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';
import type { FrameSource } from './frame-source.ts';

const PIECE = 1 << 20;

const files = { open: promisify(open), read: promisify(read), unlink: promisify(unlink), write: promisify(write) };

/**
 * Keeps the frames of a session that comes from no file, so that payload can be asked for: a pcapng in the folder for temporary files
 * whose name is gone as soon as it is open, so that nothing is left behind whatever ends the program.
 */
export class Recording implements FrameSource {
  readonly #encoder = new PcapngEncoder([]);
  /** Its descriptor, which ends with the thread of the session. */
  #file: Promise<number> | undefined;
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  /** Octets in the file. */
  #length = 0;
  #fault: WorkbenchError | undefined;

  /** Resolves when it is written; a consumer of a live capture waits, and what it misses meanwhile is counted. */
  add(batch: FrameBatch): Promise<void> {
    if (this.#fault) return Promise.resolve();
    if (!this.#file) {
      this.#file = openUnnamed();
      this.#waiting.push(this.#encoder.header());
    }
    this.#waiting.push(this.#encoder.encode(batch));
    this.#writing ??= this.#write();
    return this.#writing;
  }

  async scan(onBatch: (batch: FrameBatch) => void | Promise<void>, signal: AbortSignal): Promise<Result<null, WorkbenchError>> {
    await this.#writing;
    if (this.#fault) return err(this.#fault);
    if (!this.#file) return ok(null);
    const ended = await readCapture(this.#pieces(await this.#file), { onBatch, signal }, 'the recording');
    return ended.ok || ended.error.kind === 'cancelled' ? ok(null) : ended;
  }

  async *#pieces(file: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#length; ) {
      const size = Math.min(PIECE, this.#length - at);
      const { bytesRead, buffer } = await files.read(file, Buffer.alloc(size), 0, size, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async #write(): Promise<void> {
    try {
      const file = await this.#file!;
      while (this.#waiting.length > 0) {
        const octets = Buffer.concat(this.#waiting.splice(0));
        for (let done = 0; done < octets.length; ) {
          const { bytesWritten } = await files.write(file, octets, done, octets.length - done, this.#length + done);
          done += bytesWritten;
        }
        this.#length += octets.length;
      }
    } catch (cause) {
      this.#waiting.length = 0;
      this.#fault = {
        kind: 'not-recorded',
        message: `The payload of this session could not be kept: ${(cause as Error).message}.`,
        help: `Make room in ${tmpdir()}, or capture to a file and open that.`,
      };
    }
    this.#writing = undefined;
  }
}

async function openUnnamed(): Promise<number> {
  const path = join(tmpdir(), `tcp-workbench-${randomUUID()}.pcapng`);
  const file = await files.open(path, 'wx+', 0o600);
  // Where an open file keeps its name (Windows), the system's own tidying finds it.
  await files.unlink(path).catch(() => undefined);
  return file;
}
