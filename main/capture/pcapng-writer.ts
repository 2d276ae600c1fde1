import { type FileHandle, open } from 'node:fs/promises';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';
import { type CaptureError, fileError } from './capture-error.ts';
import { type CommentOf, PcapngEncoder, type WrittenInterface } from './pcapng-encoder.ts';

/** A pcapng file being written. */
export interface PcapngFile {
  /** Appends a batch, with comments beside frames. The batch is not kept. */
  write(batch: FrameBatch, comment?: CommentOf): Promise<Result<void, CaptureError>>;
  /** Idempotent. */
  close(): Promise<Result<void, CaptureError>>;
}

/** Creates (or empties) `path` and writes the headers. `interfaces` gives names to what batches know by number. */
export async function createPcapngFile(
  path: string,
  interfaces: readonly WrittenInterface[] = [],
): Promise<Result<PcapngFile, CaptureError>> {
  const encoder = new PcapngEncoder(interfaces);
  let file: FileHandle | undefined;
  let last: Promise<unknown> = Promise.resolve();
  /** One write at a time, in the order asked for, whoever forgets to wait. */
  const inTurn = (act: () => Promise<unknown>): Promise<Result<void, CaptureError>> => {
    const outcome = last.then(act).then(
      () => ok(undefined),
      (cause) => err(fileError('write', path, cause)),
    );
    last = outcome;
    return outcome;
  };
  const append = (octets: Uint8Array) => file?.appendFile(octets) ?? Promise.reject(new Error('it is closed'));
  const opened = await inTurn(async () => {
    file = await open(path, 'w');
    await append(encoder.header());
  });
  if (!opened.ok) return opened;
  return ok({
    write: (batch, comment) => inTurn(() => append(encoder.encode(batch, comment))),
    close: () =>
      inTurn(async () => {
        const closing = file;
        file = undefined;
        await closing?.close();
      }),
  });
}

/** All of a capture at once: one pcapng section holding these batches. */
export function writePcapng(batches: Iterable<FrameBatch>, interfaces: readonly WrittenInterface[] = []): Uint8Array {
  const encoder = new PcapngEncoder(interfaces);
  return Buffer.concat([encoder.header(), ...Array.from(batches, (batch) => encoder.encode(batch))]);
}
