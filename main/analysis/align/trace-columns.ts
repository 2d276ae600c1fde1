import type { Instant, Side } from '../record.ts';
import type { Captured, Identity, Sight } from './trace.ts';

/** A capture as another thread can align it: columns that are handed over and not copied. */
export interface TraceColumns {
  readonly start: Instant | undefined;
  readonly last: number;
  readonly identities: readonly Identity[];
  /** Where each connection's segments begin; one more, where the last ends. */
  readonly first: Float64Array<ArrayBuffer>;
  readonly frame: Uint32Array<ArrayBuffer>;
  readonly time: Float64Array<ArrayBuffer>;
  /** Control bits, and `FROM_SERVER`. */
  readonly flags: Uint16Array<ArrayBuffer>;
  readonly seq: Uint32Array<ArrayBuffer>;
  readonly ack: Uint32Array<ArrayBuffer>;
  readonly length: Uint32Array<ArrayBuffer>;
  readonly tsValue: Uint32Array<ArrayBuffer>;
  readonly tsEcho: Uint32Array<ArrayBuffer>;
  readonly ipId: Uint16Array<ArrayBuffer>;
}

/** In `flags`, above the nine control bits. */
const FROM_SERVER = 1 << 15;

/** The segments of a capture, at most `most` of them, in columns of their own. */
export function traceColumns(captured: Captured, most: number): TraceColumns {
  const count = captured.connectionCount;
  const columns = {
    start: captured.start,
    last: captured.last,
    identities: Array.from({ length: count }, (_, id) => captured.identity(id)),
    first: new Float64Array(count + 1),
    frame: new Uint32Array(most),
    time: new Float64Array(most),
    flags: new Uint16Array(most),
    seq: new Uint32Array(most),
    ack: new Uint32Array(most),
    length: new Uint32Array(most),
    tsValue: new Uint32Array(most),
    tsEcho: new Uint32Array(most),
    ipId: new Uint16Array(most),
  };
  let row = 0;
  for (let id = 0; id < count; id++) {
    for (const sight of captured.sights(id)) put(columns, row++, sight);
    columns.first[id + 1] = row;
  }
  return columns;
}

function put(columns: TraceColumns, row: number, sight: Sight): void {
  columns.frame[row] = sight.frame;
  columns.time[row] = sight.time;
  columns.flags[row] = sight.flags | (sight.from === 'server' ? FROM_SERVER : 0);
  columns.seq[row] = sight.seq;
  columns.ack[row] = sight.ack;
  columns.length[row] = sight.length;
  columns.tsValue[row] = sight.tsValue;
  columns.tsEcho[row] = sight.tsEcho;
  columns.ipId[row] = sight.ipId;
}

/** What a thread hands over with the columns, so that nothing is copied. */
export const buffersOf = (columns: TraceColumns): ArrayBuffer[] =>
  Object.values(columns).flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []));

/** The columns, read as the capture they came from. */
export function capturedFrom(columns: TraceColumns): Captured {
  const sight = (row: number): Sight => ({
    frame: columns.frame[row]!,
    time: columns.time[row]!,
    from: senderOf(columns.flags[row]!),
    flags: columns.flags[row]! & ~FROM_SERVER,
    seq: columns.seq[row]!,
    ack: columns.ack[row]!,
    length: columns.length[row]!,
    tsValue: columns.tsValue[row]!,
    tsEcho: columns.tsEcho[row]!,
    ipId: columns.ipId[row]!,
  });
  return {
    connectionCount: columns.identities.length,
    start: columns.start,
    last: columns.last,
    identity: (id) => columns.identities[id]!,
    sights: (id) => Array.from({ length: columns.first[id + 1]! - columns.first[id]! }, (_, i) => sight(columns.first[id]! + i)),
  };
}

const senderOf = (flags: number): Side => ((flags & FROM_SERVER) !== 0 ? 'server' : 'client');
