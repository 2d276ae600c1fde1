import type { RequestOutput, Result, WorkbenchError } from '../../preload/contract.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { complete } from '../analysis/filter/complete.ts';
import { type Filter, readFilter } from '../analysis/filter/filter.ts';
import { describeFilterError, lineAndColumn } from '../analysis/filter/filter-error.ts';
import { Selection } from '../analysis/filter/selection.ts';
import { Follower, type Said } from '../analysis/follow/follow.ts';
import { openFile } from '../capture/read-capture.ts';
import { err, ok } from '../wire/result.ts';
import { refuseStream } from './input-file.ts';

/** A filter out of a person's hands; what is wrong with it is told with the line and a caret. */
export function filterOf(text: string): Result<Filter, WorkbenchError> {
  const filter = readFilter(text);
  return filter.ok ? filter : err({ kind: 'bad-filter', message: `the filter is wrong, ${describeFilterError(text, filter.error)}` });
}

/** A filter as it is being written: what is wrong with it, and how the word at the cursor may go on. */
export function readFilterAt(text: string, cursor: number): RequestOutput<'readFilter'> {
  const { from, to, items } = complete(text, Math.min(cursor, text.length));
  const filter = readFilter(text);
  const fault = filter.ok ? {} : { fault: { ...filter.error, ...lineAndColumn(text, filter.error.at) } };
  return { ...fault, from, to, completions: items };
}

/** The segments of an analysed capture that pass; the file is read again only where the filter asks for octets. */
export async function select(path: string, analysis: Analysis, filter: Filter): Promise<Result<Selection, WorkbenchError>> {
  const selection = new Selection(filter, analysis.tables);
  if (!filter.needsOctets) {
    selection.advance(Number.POSITIVE_INFINITY);
    return ok(selection);
  }
  const fits = refuseStream(path, 'This filter');
  if (!fits.ok) return fits;
  const read = await openFile(path, { onBatch: (batch) => selection.add(batch) });
  return read.ok ? ok(selection) : read;
}

/** What both sides of a connection said. `settle` is awaited between batches, so that a slow reader is waited for. */
export async function followFile(
  path: string,
  analysis: Analysis,
  connection: number,
  onSaid: (said: Said) => void,
  settle: () => Promise<void>,
): Promise<Result<null, WorkbenchError>> {
  const follower = new Follower(analysis.tables, connection, onSaid);
  const over = new AbortController();
  const read = await openFile(path, {
    signal: over.signal,
    onBatch: async (batch) => {
      follower.add(batch);
      await settle();
      if (follower.isOver) over.abort();
    },
  });
  if (!read.ok && read.error.kind !== 'cancelled') return read;
  follower.end();
  await settle();
  return ok(null);
}
