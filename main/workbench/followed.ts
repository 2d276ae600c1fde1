import type { Result, SaidPiece, WorkbenchError } from '../../preload/contract.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { Follower, type Said } from '../analysis/follow/follow.ts';
import { ok } from '../wire/result.ts';
import type { FrameSource } from './frame-source.ts';

/** What both sides of a connection said, after the first `skip` octets and up to `most`. Reading ends where enough was heard. */
export async function followFrom(
  source: FrameSource,
  analysis: Analysis,
  connection: number,
  skip: number,
  most: number,
): Promise<Result<{ readonly pieces: readonly SaidPiece[]; readonly more: boolean }, WorkbenchError>> {
  const pieces: SaidPiece[] = [];
  const enough = new AbortController();
  let heard = 0;
  const hear = (said: Said): void => {
    const size = said.kind === 'octets' ? said.octets.length : 0;
    const from = Math.max(0, skip - heard);
    const to = Math.min(size, skip + most - heard);
    if (said.kind === 'missing' ? heard >= skip && heard < skip + most : from < to)
      pieces.push(said.kind === 'octets' ? { ...said, octets: said.octets.slice(from, to) } : said);
    heard += size;
    if (heard > skip + most) enough.abort();
  };
  const follower = new Follower(analysis.tables, connection, hear);
  const read = await source.scan((batch) => {
    follower.add(batch);
    if (follower.isOver) enough.abort();
    return new Promise((resolve) => setImmediate(resolve));
  }, enough.signal);
  // Where the recording ended before the capture, what came later is told as missing.
  if (!read.ok && (read.error.kind !== 'not-recorded' || pieces.length === 0)) return read;
  follower.end();
  return ok({ pieces, more: heard > skip + most });
}
