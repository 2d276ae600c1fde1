import type { WorkbenchError } from '../../preload/contract.ts';
import { readCapture } from '../capture/read-capture.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import type { Result } from '../wire/result.ts';

/** Where a session's frames can be read again, with their octets, from the first. */
export interface FrameSource {
  /** A promise is waited for before more is read. Ends without an error when `signal` does. */
  scan(onBatch: (batch: FrameBatch) => void | Promise<void>, signal: AbortSignal): Promise<Result<null, WorkbenchError>>;
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
    return read.ok || read.error.kind === 'cancelled' ? { ok: true, value: null } : read;
  },
});
