import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ExperimentEvent, ExperimentReport, Result, WorkbenchError } from '../../preload/contract.ts';
import { createPcapngFile } from '../capture/pcapng-writer.ts';
import { runExperiment } from '../experiments/run.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok } from '../wire/result.ts';

export interface ScriptOptions {
  readonly path: string;
  readonly target: 'engine' | 'kernel';
  readonly seed: number;
  /** Where the segments go, as pcapng. */
  readonly write?: string;
}

/** Runs a script from a file, for the terminal. */
export async function runScript(
  { path, target, seed, write }: ScriptOptions,
  onEvent: (event: ExperimentEvent) => void,
): Promise<Result<ExperimentReport, WorkbenchError>> {
  let source: string;
  try {
    source = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : (cause as Error).message;
    return err({ kind: 'unreadable', message: `Cannot read ${path}: ${why}.` });
  }
  const batches: FrameBatch[] = [];
  const name = basename(path).replace(/\.[cm]?[jt]s$/, '');
  const report = await runExperiment({ name, source, target, seed }, { onEvent, onFrames: (batch) => batches.push(batch) });
  if (write === undefined) return ok(report);
  const file = await createPcapngFile(write);
  if (!file.ok) return file;
  for (const batch of batches) {
    const written = await file.value.write(batch);
    if (!written.ok) return written;
  }
  const closed = await file.value.close();
  return closed.ok ? ok(report) : closed;
}
