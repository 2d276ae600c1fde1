import type { PacketView, Result, WorkbenchError } from '../../preload/contract.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { dissect } from '../analysis/filter/dissect.ts';
import { Subject } from '../analysis/filter/subject.ts';
import { err, ok } from '../wire/result.ts';
import type { FrameSource } from './frame-source.ts';

/** One frame with its octets and the fields it has. The capture is read as far as the frame. */
export async function packetOf(source: FrameSource, analysis: Analysis, frame: number): Promise<Result<PacketView, WorkbenchError>> {
  const { tables } = analysis;
  const subject = new Subject(tables);
  const found = new AbortController();
  let packet: PacketView | undefined;
  const read = await source.scan((batch) => {
    if (packet) return undefined; // what was read with it is still told
    const i = frame - subject.number - 1;
    subject.passOver(batch, Math.min(i, batch.count));
    if (i >= batch.count) return new Promise((resolve) => setImmediate(resolve));
    subject.nextFrame(batch, i);
    const row = rowOf(analysis, frame);
    if (row >= 0) subject.seekRow(row);
    const { data, start, captured, original, wholes = [] } = subject;
    const reassembled = wholes.map(({ frames, at, captured: to }) => ({ frames, octets: data.slice(at, to) }));
    packet = { frame, octets: data.slice(start, start + captured), original, fields: dissect(subject), reassembled };
    found.abort();
    return undefined;
  }, found.signal);
  if (!read.ok) return read;
  return packet ? ok(packet) : err({ kind: 'no-such-packet', message: `There is no packet ${frame} in this session.` });
}

/** The frame's row, or -1; the columns have their frames in order. */
function rowOf({ tables: { columns } }: Analysis, frame: number): number {
  let [low, high] = [0, columns.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (columns.frame(middle) < frame) low = middle + 1;
    else high = middle;
  }
  return low < columns.count && columns.frame(low) === frame ? low : -1;
}
