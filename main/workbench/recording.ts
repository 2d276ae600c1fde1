import { randomUUID } from 'node:crypto';
import { open, read, unlink, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { WorkbenchError } from '../../preload/contract.ts';
import { PcapngEncoder } from '../capture/pcapng-encoder.ts';
import { readCapture } from '../capture/read-capture.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';
import type { FrameSource, SourceOctets } from './frame-source.ts';

const PIECE = 1 << 20;

const files = { open: promisify(open), read: promisify(read), unlink: promisify(unlink), write: promisify(write) };

/**
 * Keeps the frames of a session that comes from no file, so that payload can be asked for: a pcapng at `path`, where it outlives a
 * crash; or without one in the folder for temporary files, its name gone as soon as it is open, so that nothing is left behind.
 * When the disk is full nothing more is kept, and what was kept before stays.
 */
export class Recording implements FrameSource {
  readonly #path: string | undefined;
  readonly #encoder = new PcapngEncoder([]);
  /** Its descriptor, which ends with the thread of the session. */
  #file: Promise<number> | undefined;
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  /** Octets in the file. */
  #length = 0;
  /** Why nothing more is kept; what was before can still be had. */
  #fault: WorkbenchError | undefined;
  /** Why what is kept will not outlive a crash. */
  #fleeting: WorkbenchError | undefined;

  constructor(path?: string) {
    this.#path = path;
  }

  /** What is wrong with the keeping, if anything is. */
  get trouble(): WorkbenchError | undefined {
    return this.#fault ?? this.#fleeting;
  }

  /** Resolves when it is written, or cannot be; a consumer of a live capture waits, and what it misses meanwhile is counted. */
  add(batch: FrameBatch): Promise<void> {
    if (this.#fault) return Promise.resolve();
    if (!this.#file) {
      this.#file = this.#path === undefined ? openUnnamed() : this.#openNamed(this.#path);
      this.#waiting.push(this.#encoder.header());
    }
    this.#waiting.push(this.#encoder.encode(batch));
    this.#writing ??= this.#write();
    return this.#writing;
  }

  async scan(onBatch: (batch: FrameBatch) => void | Promise<void>, signal: AbortSignal): Promise<Result<null, WorkbenchError>> {
    await this.#writing;
    if (this.#length > 0) {
      const ended = await readCapture(this.#pieces(), { onBatch, signal }, 'the recording');
      if (!ended.ok) return ended.error.kind === 'cancelled' ? ok(null) : ended;
    }
    return this.#fault ? err(this.#fault) : ok(null);
  }

  async octets(from: number, most: number): Promise<Result<SourceOctets, WorkbenchError>> {
    await this.#writing;
    if (!this.#file || this.#length === 0) return this.#fault ? err(this.#fault) : ok({ octets: new Uint8Array(0), total: 0 });
    const size = Math.max(0, Math.min(most, this.#length - from));
    const { bytesRead, buffer } = await files.read(await this.#file, Buffer.alloc(size), 0, size, from);
    return ok({ octets: new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead), total: this.#length });
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; ) {
      const piece = await this.octets(at, PIECE);
      if (!piece.ok || piece.value.octets.length === 0) return;
      at += piece.value.octets.length;
      yield piece.value.octets;
    }
  }

  /** Where the folder takes no file, a capture that a crash would lose is better than none. */
  async #openNamed(path: string): Promise<number> {
    try {
      return await files.open(path, 'wx+', 0o600);
    } catch (cause) {
      this.#fleeting = {
        kind: 'not-recorded',
        message: `This capture would be lost in a crash: ${(cause as Error).message}.`,
        help: `Let this user write to ${dirname(path)}, or save the capture when it is done.`,
      };
      return openUnnamed();
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
        message: `The octets of this session’s packets are kept no longer: ${(cause as Error).message}.`,
        help: `Make room in ${this.#path === undefined || this.#fleeting ? tmpdir() : dirname(this.#path)} and start again. Connections and states go on.`,
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
