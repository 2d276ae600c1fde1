import type { CaptureBackend, CaptureOptions, Result, WorkbenchError } from '../../preload/contract.ts';
import { Analysis } from '../analysis/analysis.ts';
import type { CaptureEnding } from '../capture/capture-source.ts';
import { createPcapngFile } from '../capture/pcapng-writer.ts';
import { err, ok } from '../wire/result.ts';
import type { Drops } from './analyst.ts';
import { dropsOf, openLive } from './live.ts';
import { type Answers, answersOf } from './saved.ts';
import { followWallClock } from './wall-clock.ts';

export interface Captured extends Answers {
  readonly counters: Drops;
  readonly backend: CaptureBackend;
  /** What ended the capture, where nobody had asked for its end. */
  readonly lost: WorkbenchError | undefined;
}

export interface Watch {
  readonly everyMs: number;
  draw(answers: Answers): void;
}

/** A capture for the terminal: runs until `stop`, or until the interface or the backend is lost. */
export async function captureLive(
  options: CaptureOptions & { readonly write?: string },
  stop: AbortSignal,
  onOpen: (backend: CaptureBackend) => void,
  watch?: Watch,
): Promise<Result<Captured, WorkbenchError>> {
  const analysis = new Analysis();
  const now = (): Answers => {
    followWallClock(analysis);
    return answersOf(analysis);
  };
  const file = options.write === undefined ? undefined : await createPcapngFile(options.write);
  if (file && !file.ok) return file;
  let writing: WorkbenchError | undefined;
  let end: (ending: CaptureEnding) => void = () => undefined;
  const ended = new Promise<CaptureEnding>((resolve) => {
    end = resolve;
  });
  const opened = await openLive(options, {
    onBatch: async (batch) => {
      analysis.add(batch);
      const written = await file?.value.write(batch);
      if (written && !written.ok) writing ??= written.error;
    },
    onEnd: end,
  });
  if (!opened.ok) {
    await file?.value.close();
    return opened;
  }
  const handle = opened.value;
  onOpen(handle.backend);
  const drawing = watch && setInterval(() => watch.draw(now()), watch.everyMs);
  if (stop.aborted) void handle.close();
  else stop.addEventListener('abort', () => void handle.close(), { once: true });
  const ending = await ended;
  clearInterval(drawing);
  const closed = await file?.value.close();
  if (closed && !closed.ok) writing ??= closed.error;
  if (writing) return err(writing);
  return ok({ ...now(), counters: dropsOf(handle), backend: handle.backend, lost: ending.kind === 'error' ? ending.error : undefined });
}
