import type { Result, WorkbenchError } from '../../preload/contract.ts';
import { type AlignedConnection, alignCaptures, lead } from '../analysis/align/alignment.ts';
import type { ClockLine } from '../analysis/align/clock-fit.ts';
import type { Fate } from '../analysis/align/fate.ts';
import { Analysis } from '../analysis/analysis.ts';
import type { ConnectionRecord } from '../analysis/record.ts';
import { openFile } from '../capture/read-capture.ts';
import { err, ok } from '../wire/result.ts';

/** Two captures of the same connections, read to their end and aligned. */
export interface AlignedFiles {
  readonly nearClient: 'a' | 'b';
  /** The second capture's clock; `ahead` in seconds at the beginning of the first. Absent where segments of one direction alone are common. */
  readonly clock: (Omit<ClockLine, 'offset'> & { readonly ahead: number }) | undefined;
  readonly connections: readonly AlignedConnection[];
  /** A connection of the first capture. */
  record(id: number): ConnectionRecord;
  fates(connection: AlignedConnection): Fate[];
  readonly notes: readonly string[];
}

/** Reads both captures; `-` for one of them is standard input. */
export async function alignFiles(pathA: string, pathB: string): Promise<Result<AlignedFiles, WorkbenchError>> {
  const notes: string[] = [];
  const [a, b] = [new Analysis(), new Analysis()];
  for (const [path, analysis] of [
    [pathA, a],
    [pathB, b],
  ] as const) {
    const read = await openFile(path, { onBatch: (batch) => analysis.add(batch), fleeting: true });
    if (!read.ok) return read;
    if (read.value.note) notes.push(`${path}: ${read.value.note.message}`);
  }
  const alignment = alignCaptures(a.captured, b.captured);
  if (!alignment)
    return err({
      kind: 'nothing-in-common',
      message: `${pathA} and ${pathB} have no segment in common.`,
      help: 'Both must be captures of the same connections, made at the same time.',
    });
  const { clock, nearClient, matches } = alignment;
  return ok({
    nearClient,
    clock: clock && {
      ahead: lead(a.captured, b.captured, clock),
      drift: clock.drift,
      margin: clock.margin,
      driftRange: clock.driftRange,
      driftKnown: clock.driftKnown,
    },
    connections: matches.map(alignment.judge),
    record: (id) => a.record(id),
    fates: alignment.fates,
    notes,
  });
}
