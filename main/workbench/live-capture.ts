import type { CaptureBackend, CaptureOptions, Result, WorkbenchError } from '../../preload/contract.ts';
import { Analysis } from '../analysis/analysis.ts';
import type { CaptureEnding, CaptureSink } from '../capture/capture-source.ts';
import { openGrowing } from '../capture/growing-file.ts';
import { createPcapngFile, type PcapngFile } from '../capture/pcapng-writer.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok } from '../wire/result.ts';
import { type KnownDrops, knownDrops, openLive } from './live.ts';
import { type Answers, answersOf } from './saved.ts';
import { followWallClock, isOfNow } from './wall-clock.ts';

export interface Captured extends Answers {
  /** Of an interface: what was lost on the way, and who captured. */
  readonly counters: KnownDrops | undefined;
  readonly backend: CaptureBackend | undefined;
  /** What ended the capture, where nobody had asked for its end. */
  readonly lost: WorkbenchError | undefined;
  /** Why the file lacks the last of what was captured. */
  readonly unwritten: WorkbenchError | undefined;
}

export interface Watch {
  readonly everyMs: number;
  draw(answers: Answers): void;
}

/** What gives frames until it is closed, or ends by itself. */
interface Source {
  readonly backend?: CaptureBackend;
  drops?(): KnownDrops;
  close(): Promise<void>;
}
export type OpenSource = (sink: CaptureSink) => Promise<Result<Source, WorkbenchError>>;

/** An interface, of this machine or another. */
export const fromInterface =
  (options: CaptureOptions): OpenSource =>
  async (sink) => {
    const opened = await openLive(options, sink);
    if (!opened.ok) return opened;
    const handle = opened.value;
    return ok({ backend: handle.backend, drops: () => knownDrops(handle), close: () => handle.close() });
  };

/** A file that somebody writes (`-`: standard input); `tell` gets a line when it becomes another one. */
export const fromGrowing =
  (path: string, tell: (line: string) => void): OpenSource =>
  (sink) =>
    openGrowing(path, sink, tell);

export interface TerminalCapture {
  readonly open: OpenSource;
  /** Where all is written as pcapng. */
  readonly write: string | undefined;
  readonly stop: AbortSignal;
  readonly onOpen: (backend: CaptureBackend | undefined) => void;
  /** Told once, when it happens: the capture goes on without its file. */
  readonly onUnwritten: (error: WorkbenchError) => void;
  readonly watch: Watch | undefined;
}

/** A capture for the terminal: runs until `stop`, or until its source ends. */
export async function captureLive({
  open,
  write,
  stop,
  onOpen,
  onUnwritten,
  watch,
}: TerminalCapture): Promise<Result<Captured, WorkbenchError>> {
  const analysis = new Analysis();
  let ofNow = false;
  const now = (): Answers => {
    if (ofNow) followWallClock(analysis);
    return answersOf(analysis);
  };
  // What stands under the name is not touched before there is something to capture.
  let begin: (file: PcapngFile | undefined) => void = () => undefined;
  const file = new Promise<PcapngFile | undefined>((resolve) => {
    begin = resolve;
  });
  let unwritten: WorkbenchError | undefined;
  const hear = (written: Result<void, WorkbenchError> | undefined) => {
    if (!written || written.ok || unwritten) return;
    unwritten = written.error;
    onUnwritten(unwritten);
  };
  let end: (ending: CaptureEnding) => void = () => undefined;
  const ended = new Promise<CaptureEnding>((resolve) => {
    end = resolve;
  });
  const opened = await open({
    onBatch: async (batch: FrameBatch) => {
      analysis.add(batch);
      ofNow = isOfNow(batch);
      if (!unwritten) hear(await (await file)?.write(batch));
    },
    onEnd: end,
  });
  if (!opened.ok) return opened;
  const source = opened.value;
  const created = write === undefined ? undefined : await createPcapngFile(write);
  begin(created?.ok ? created.value : undefined);
  if (created && !created.ok) {
    await source.close();
    return created;
  }
  onOpen(source.backend);
  const drawing = watch && setInterval(() => watch.draw(now()), watch.everyMs);
  if (stop.aborted) void source.close();
  else stop.addEventListener('abort', () => void source.close(), { once: true });
  const ending = await ended;
  clearInterval(drawing);
  hear(await (await file)?.close());
  const lost = ending.kind === 'error' ? ending.error : undefined;
  if (lost && analysis.packets === 0 && source.drops === undefined) return err(lost); // not a capture
  return ok({ ...now(), counters: source.drops?.(), backend: source.backend, lost, unwritten });
}
