import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';
import { type CaptureError, fileError } from './capture-error.ts';
import { CaptureReader } from './capture-reader.ts';
import type { CaptureSink } from './capture-source.ts';
import { isGzip } from './gunzip.ts';

/** How often a file is looked at again once its end was reached. */
const LOOK_MS = 100;
const PIECE = 1 << 18;

export interface GrowingCapture {
  /** Resolves when all that was read is delivered. Idempotent. */
  close(): Promise<void>;
}

/** Why reading a file came to an end: it was asked to, another file has its name, it became shorter, or it makes no sense. */
type Turn = 'stopped' | 'replaced' | 'shortened' | CaptureError;

/**
 * Follows a capture that is still being written, as `tail -F` does: what is there, then what comes, until it is closed.
 * Another file under the name, or one that became shorter, is read from its start; `tell` gets a line about it. `-` is standard
 * input; that, and a pipe with a name, ends when its writer does.
 */
export async function openGrowing(
  path: string,
  sink: CaptureSink,
  tell: (line: string) => void,
): Promise<Result<GrowingCapture, CaptureError>> {
  const stopping = new AbortController();
  const following = (reading: Promise<Turn>, stop: () => void = () => undefined): Result<GrowingCapture, CaptureError> => {
    const ended = reading.then((turn) => sink.onEnd(typeof turn === 'string' ? { kind: 'closed' } : { kind: 'error', error: turn }));
    return ok({
      close: async () => {
        stopping.abort();
        stop();
        await ended;
      },
    });
  };
  const fromStream = (input: Readable, name: string) => following(readStream(input, name, sink, stopping.signal), () => input.destroy());
  if (path === '-') return fromStream(process.stdin, 'standard input');
  const opened = await openToRead(path);
  if (!opened.ok) return opened;
  const file = opened.value;
  // A pipe with a name (mkfifo, the <(...) of a shell) has no places to read from, and ends when its writer does.
  if (!(await file.stat()).isFile()) return fromStream(file.createReadStream(), path);
  return following(follow(path, file, sink, stopping.signal, tell));
}

async function openToRead(path: string): Promise<Result<FileHandle, CaptureError>> {
  try {
    return ok(await open(path, 'r'));
  } catch (cause) {
    return err(fileError('read', path, cause));
  }
}

/** One capture in pieces, as they come: frames are delivered at the end of each piece. */
class Incoming {
  readonly #pending: FrameBatch[] = [];
  readonly #reader = new CaptureReader({ live: true, onBatch: (batch) => this.#pending.push(batch) });
  readonly #sink: CaptureSink;
  readonly #name: string;
  #begun = false;

  constructor(sink: CaptureSink, name: string) {
    this.#sink = sink;
    this.#name = name;
  }

  /** An error when what comes can never be read. */
  async take(piece: Uint8Array): Promise<CaptureError | undefined> {
    if (!this.#begun && isGzip(piece))
      return { kind: 'not-a-capture', message: `${this.#name} is compressed, and cannot be followed.`, help: 'tcpwb analyze reads it.' };
    this.#begun = true;
    this.#reader.push(piece);
    for (const batch of this.#pending.splice(0)) await this.#sink.onBatch(batch);
    if (!this.#reader.stopped) return undefined;
    const end = this.#reader.finish();
    const [kind, message] = end.ok ? (['damaged', end.value.note?.message] as const) : [end.error.kind, end.error.message];
    return { kind, message: `${this.#name}: ${message}`, ...(!end.ok && end.error.help && { help: end.error.help }) };
  }
}

async function readStream(source: AsyncIterable<Uint8Array>, name: string, sink: CaptureSink, stop: AbortSignal): Promise<Turn> {
  const incoming = new Incoming(sink, name);
  try {
    for await (const piece of source) {
      if (stop.aborted) break;
      const unusable = await incoming.take(piece);
      if (unusable) return unusable;
    }
  } catch (cause) {
    if (!stop.aborted) return fileError('read', name, cause);
  }
  return 'stopped';
}

async function follow(path: string, first: FileHandle, sink: CaptureSink, stop: AbortSignal, tell: (line: string) => void): Promise<Turn> {
  let file: FileHandle | undefined = first;
  try {
    for (;;) {
      const turn: Turn = await readGrowing(path, file, new Incoming(sink, path), stop);
      if (turn === 'shortened') tell(`${path} became shorter: it is read again from its start.`);
      else if (turn === 'replaced') {
        tell(`${path} is another file now: that is read from its start.`);
        await file.close();
        file = undefined;
        const next = await openToRead(path);
        if (!next.ok) return next.error;
        file = next.value;
      } else return turn;
    }
  } finally {
    await file?.close();
  }
}

/** Reads one file from its start, past its end as often as that moves. */
async function readGrowing(path: string, file: FileHandle, incoming: Incoming, stop: AbortSignal): Promise<Turn> {
  const own = await file.stat();
  try {
    for (let at = 0; !stop.aborted; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE), 0, PIECE, at);
      at += bytesRead;
      const unusable = bytesRead > 0 ? await incoming.take(buffer.subarray(0, bytesRead)) : undefined;
      if (unusable) return unusable;
      if (bytesRead > 0) continue;
      if ((await file.stat()).size < at) return 'shortened';
      // A name that is gone may come back: a writer that starts anew removes first. What it had was read to its end.
      const named = await stat(path).catch(() => undefined);
      if (named && (named.ino !== own.ino || named.dev !== own.dev)) return 'replaced';
      await sleep(LOOK_MS, undefined, { signal: stop }).catch(() => undefined);
    }
    return 'stopped';
  } catch (cause) {
    return fileError('read', path, cause);
  }
}
