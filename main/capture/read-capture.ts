import { open } from 'node:fs/promises';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';
import { type CaptureError, fileError } from './capture-error.ts';
import { type CaptureEnd, CaptureReader } from './capture-reader.ts';
import { Gunzip, isGzip } from './gunzip.ts';
import type { CaptureInterface, CaptureStatistics } from './record-parser.ts';

export interface ReadOptions {
  /** A promise is waited for before more is read. */
  readonly onBatch: (batch: FrameBatch) => void | Promise<void>;
  readonly onInterface?: (found: CaptureInterface) => void;
  readonly onStatistics?: (found: CaptureStatistics) => void;
  /** A comment of a frame, by its number from 1. */
  readonly onComment?: (frame: number, text: string) => void;
  /** Octets of the (possibly compressed) source read so far. */
  readonly onProgress?: (octets: number) => void;
  readonly signal?: AbortSignal;
  /** Batches are good until `onBatch` has settled; then their octets are written over. For those who keep none. */
  readonly fleeting?: boolean;
}

/** Small enough that a gzip bomb unfolds by some 64 MiB between two waits, large enough not to matter otherwise. */
const GZIP_PIECE = 1 << 16;
/** So much of a file is read at once: so large that each wait for it is nothing beside its frames. */
const FILE_PIECE = 1 << 20;

/**
 * Reads a saved capture: a path, or `-` for standard input; pcap, pcapng, or gzip of either. Resolves when all frames
 * were delivered; a capture that breaks off or is damaged ends well, with a note, if any frame could be read.
 */
export async function openFile(path: string, options: ReadOptions): Promise<Result<CaptureEnd, CaptureError>> {
  if (path === '-') return readCapture(process.stdin, options, 'standard input');
  try {
    return await readCapture(octetsOf(path, options.fleeting), options, path);
  } catch (cause) {
    return err(fileError('read', path, cause));
  }
}

/** A file, or a pipe with a name, from its start. Reading through a stream costs more than the reading. */
async function* octetsOf(path: string, again = false): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    let piece = Buffer.alloc(0);
    let room = piece;
    for (;;) {
      if (piece.length === 0 || (!again && room.length === 0)) piece = Buffer.allocUnsafeSlow(FILE_PIECE);
      if (again || room.length === 0) room = piece;
      const { bytesRead } = await file.read(room, 0, room.length, null);
      if (bytesRead === 0) return;
      yield room.subarray(0, bytesRead);
      room = room.subarray(bytesRead); // of a pipe comes less than there is room for
    }
  } finally {
    await file.close();
  }
}

/** The same from any stream of octets; `name` is what errors call it. */
export async function readCapture(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadOptions,
  name = 'the capture',
): Promise<Result<CaptureEnd, CaptureError>> {
  const pending: FrameBatch[] = [];
  const { onInterface, onStatistics, onComment, onProgress, signal } = options;
  const reader = new CaptureReader({
    onBatch: (batch) => pending.push(batch),
    ...(onInterface && { onInterface }),
    ...(onStatistics && { onStatistics }),
    ...(onComment && { onComment }),
    live: options.fleeting ?? false,
  });
  const deliver = async () => {
    for (const batch of pending.splice(0)) await options.onBatch(batch);
  };
  let gunzip: Gunzip | undefined;
  let octets = 0;
  try {
    for await (const piece of pieces(source)) {
      if (signal?.aborted) return err({ kind: 'cancelled', message: `Reading ${name} was cancelled.` });
      if (octets === 0 && isGzip(piece)) gunzip = new Gunzip((chunk) => reader.push(chunk));
      octets += piece.length;
      if (!gunzip) reader.push(piece);
      for (let at = 0; gunzip && at < piece.length; at += GZIP_PIECE) {
        await gunzip.write(piece.subarray(at, at + GZIP_PIECE));
        await deliver();
      }
      await deliver();
      onProgress?.(octets);
      if (reader.stopped || gunzip?.error) break;
    }
    if (!reader.stopped) await gunzip?.end(); // what is unreadable needs no unpacking
  } catch (cause) {
    // The source failed (a disk, a pipe): what it gave before is delivered, then the reason is told.
    await deliver();
    return err(fileError('read', name, cause));
  } finally {
    gunzip?.destroy();
  }
  if (gunzip?.error && !reader.stopped) reader.push(gunzip.salvage());
  const end = reader.finish();
  await deliver();
  return gunzip?.error && !reader.stopped ? afterBrokenGzip(end, gunzip.error) : withName(end, name);
}

function withName(end: Result<CaptureEnd, CaptureError>, name: string): Result<CaptureEnd, CaptureError> {
  return end.ok ? end : err({ ...end.error, message: `${name}: ${end.error.message}` });
}

function afterBrokenGzip(end: Result<CaptureEnd, CaptureError>, error: NodeJS.ErrnoException): Result<CaptureEnd, CaptureError> {
  const truncated = error.code === 'Z_BUF_ERROR';
  const message = truncated ? 'the gzip stream breaks off before its end.' : `the gzip stream is damaged (${error.message}).`;
  if (!end.ok) return err({ kind: 'damaged', message: `The capture is unusable: ${message}` });
  const position = end.value.note?.position ?? 0;
  return ok({ ...end.value, note: { kind: truncated ? 'truncated' : 'damaged', position, message } });
}

/** What comes; the first piece has at least the two octets that tell gzip, if there are so many. */
async function* pieces(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = new Uint8Array(0);
  let begun = false;
  for await (const chunk of source) {
    const here = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    begun ||= here.length >= 2;
    held = begun ? new Uint8Array(0) : Uint8Array.from(here);
    if (begun) yield here;
  }
  if (held.length > 0) yield held;
}
