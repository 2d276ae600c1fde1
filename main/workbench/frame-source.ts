import { open } from 'node:fs/promises';
import type { WorkbenchError } from '../../preload/contract.ts';
import { fileError } from '../capture/capture-error.ts';
import { openFile, readCapture } from '../capture/read-capture.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';

/** A piece of a capture file, and how long the whole is now. */
export interface SourceOctets {
  readonly octets: Uint8Array;
  readonly total: number;
}

/** Where a session's frames can be read again, with their octets, from the first. */
export interface FrameSource {
  /** A promise is waited for before more is read. Ends without an error when `signal` does. */
  scan(onBatch: (batch: FrameBatch) => void | Promise<void>, signal: AbortSignal): Promise<Result<null, WorkbenchError>>;
  /** The capture file itself, from an octet on: what is saved. */
  octets(from: number, most: number): Promise<Result<SourceOctets, WorkbenchError>>;
}

/** A little at a time, so that the window's questions are answered while a large capture is read. */
const PIECE = 1 << 20;

export function* pieces(octets: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < octets.length; at += PIECE) yield octets.subarray(at, at + PIECE);
}

/** A capture that is in memory as it was saved. */
export const savedFrames = (octets: Uint8Array, name: string): FrameSource => ({
  scan: async (onBatch, signal) => {
    const read = await readCapture(pieces(octets), { onBatch, signal }, name);
    return read.ok || read.error.kind === 'cancelled' ? ok(null) : read;
  },
  octets: async (from, most) => ok({ octets: octets.slice(from, from + most), total: octets.length }),
});

/** A capture that stays in its file: it may be larger than memory. */
export const framesAt = (path: string): FrameSource => ({
  scan: async (onBatch, signal) => {
    const read = await openFile(path, { onBatch, signal });
    return read.ok || read.error.kind === 'cancelled' ? ok(null) : read;
  },
  octets: async (from, most) => {
    try {
      const file = await open(path, 'r');
      try {
        const { size } = await file.stat();
        const { bytesRead, buffer } = await file.read(new Uint8Array(Math.max(0, Math.min(most, size - from))), { position: from });
        return ok({ octets: buffer.subarray(0, bytesRead), total: size });
      } finally {
        await file.close();
      }
    } catch (cause) {
      return err(fileError('read', path, cause));
    }
  },
});
