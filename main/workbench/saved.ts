import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ConnectionEvent, ConnectionRecord, Finding, Result, WorkbenchError } from '../../preload/contract.ts';
import { Analysis, type AnalysisOptions } from '../analysis/analysis.ts';
import type { Filter } from '../analysis/filter/filter.ts';
import { Rereading } from '../analysis/fragments/rereading.ts';
import type { ListenersReport } from '../analysis/listeners/listener.ts';
import { listenersOf } from '../analysis/listeners/listeners.ts';
import type { AnalysisSummary, RecordOptions } from '../analysis/record.ts';
import { TextPrinter } from '../analysis/text/text-printer.ts';
import { openFile } from '../capture/read-capture.ts';
import { ok } from '../wire/result.ts';
import { select } from './filtered.ts';
import { refuseStream } from './input-file.ts';
import { unreadLinks } from './unread-links.ts';

/** What the analysis says of a capture. */
export interface Answers {
  readonly summary: AnalysisSummary;
  readonly connectionCount: number;
  /** What was captured and not looked into, if anything. */
  readonly unread: string | undefined;
  /** By number, from 0. */
  record(id: number, options?: RecordOptions): ConnectionRecord;
  events(id: number): Iterable<ConnectionEvent>;
  /** What there is to say of a connection, or of the capture as a whole; the gravest first. */
  findings(id?: number): readonly Finding[];
  /** What connections show of the listeners they were opened to; at most so many. */
  listeners(most: number): ListenersReport;
}

export const answersOf = (analysis: Analysis): Answers => ({
  summary: analysis.summary(),
  connectionCount: analysis.connectionCount,
  unread: unreadLinks(analysis)?.message,
  record: (id, options) => analysis.record(id, options),
  events: (id) => analysis.events(id),
  findings: (id) => (id === undefined ? analysis.captureFindings() : analysis.findings(id)),
  listeners: (most) => listenersOf(analysis.tables, most),
});

/** A saved capture, read to its end. */
export interface Analysed extends Answers {
  /** Why reading stopped before the end, if it did; all before it is in here. */
  readonly note: string | undefined;
  /** Itself, to be asked more: for a selection, or for what was said. */
  readonly analysis: Analysis;
}

/** Reads `path` (`-`: standard input) into connections. */
export async function analyzeFile(path: string, options: AnalysisOptions = {}): Promise<Result<Analysed, WorkbenchError>> {
  const analysis = new Analysis(options);
  const read = await openFile(path, { onBatch: (batch) => analysis.add(batch), fleeting: true });
  if (!read.ok) return read;
  return ok({ ...answersOf(analysis), note: read.value.note?.message, analysis });
}

/** The TCP segments of `path` as tcpdump prints them, in local time. `settle` is awaited between batches, so that a slow reader is waited for. */
export async function textOf(
  path: string,
  onLine: (line: string) => void,
  settle: () => Promise<void>,
  filter?: Filter,
): Promise<Result<{ readonly note: string | undefined }, WorkbenchError>> {
  const passing = filter && (await passingFrames(path, filter));
  if (passing && !passing.ok) return passing;
  const names = interfaceNames();
  const printer = new TextPrinter({
    utcOffset: (seconds) => -60 * new Date(seconds * 1000).getTimezoneOffset(),
    interfaceName: (index) => names.get(index),
  });
  const read = await openFile(path, {
    onBatch: (batch) => {
      printer.add(batch, (line, frame) => {
        if (!passing || passing.value.has(frame)) onLine(line);
      });
      return settle();
    },
  });
  return read.ok ? ok({ note: read.value.note?.message }) : read;
}

/** The frames with a segment that passes, by number; the capture is read for it first. */
async function passingFrames(path: string, filter: Filter): Promise<Result<ReadonlySet<number>, WorkbenchError>> {
  const fits = refuseStream(path, 'Text with a filter');
  if (!fits.ok) return fits;
  const analysed = await analyzeFile(path);
  if (!analysed.ok) return analysed;
  const { analysis } = analysed.value;
  const selection = await select(path, analysis, filter);
  return selection.ok ? withFragments(path, analysis, new Set(selection.value.frames())) : selection;
}

/** And the frames of all fragments of those segments: as tcpdump prints it, a segment's header stands in the first. */
async function withFragments(path: string, analysis: Analysis, frames: Set<number>): Promise<Result<ReadonlySet<number>, WorkbenchError>> {
  const { fragments } = analysis.tables;
  if (fragments.length === 0) return ok(frames);
  const rereading = new Rereading(fragments);
  let frame = 0;
  const read = await openFile(path, {
    onBatch: (batch) => {
      for (let i = 0; i < batch.count; i++) {
        const found = rereading.read(batch, i, ++frame);
        if (typeof found !== 'object' || !frames.has(frame)) continue;
        for (const piece of found.wholes.flatMap((whole) => whole.frames)) frames.add(piece);
      }
    },
  });
  return read.ok ? ok(frames) : read;
}

/** A cooked capture knows its interfaces by number; like tcpdump we give them the names they have here. */
function interfaceNames(): ReadonlyMap<number, string> {
  const folder = '/sys/class/net';
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder)
      .filter((name) => existsSync(`${folder}/${name}/ifindex`))
      .map((name) => [Number(readFileSync(`${folder}/${name}/ifindex`, 'utf8')), name]),
  );
}
