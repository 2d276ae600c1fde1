import type { WorkbenchError } from '../../../preload/contract.ts';
import { createPcapngFile } from '../../capture/pcapng-writer.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { LinkType } from '../../wire/link-type.ts';
import { ok, type Result } from '../../wire/result.ts';

/** Octets that may wait for a slow disk. */
const MOST_WAITING = 64 * 1024 * 1024;

/** A capture file written while the packets keep coming. What a slow disk cannot take is left out, and counted. */
export interface Recording {
  add(batch: FrameBatch): void;
  /** Frames left out. */
  readonly missed: number;
  /** Tells of the first failure, if there was one. */
  close(): Promise<Result<void, WorkbenchError>>;
}

export async function openRecording(path: string, interfaceName: string): Promise<Result<Recording, WorkbenchError>> {
  const file = await createPcapngFile(path, [{ linkType: LinkType.RAW, name: interfaceName }]);
  if (!file.ok) return file;
  let waiting = 0;
  let missed = 0;
  let failure: Result<void, WorkbenchError> = ok(undefined);
  return ok({
    add(batch) {
      if (waiting > MOST_WAITING || !failure.ok) {
        missed += batch.count;
        return;
      }
      waiting += batch.data.length;
      void file.value.write(batch).then((written) => {
        waiting -= batch.data.length;
        if (!written.ok) failure = written;
      });
    },
    get missed() {
      return missed;
    },
    async close() {
      const closed = await file.value.close();
      return failure.ok ? closed : failure;
    },
  });
}
