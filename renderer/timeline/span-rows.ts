import type { ConnectionRecord, StateSpan } from '../../preload/contract.ts';
import type { Side } from '../side.ts';

/** One stretch of the timeline as a row of its table. */
export interface SpanRow {
  readonly record: ConnectionRecord;
  readonly side: Side;
  readonly span: StateSpan;
  readonly next: StateSpan | undefined;
}

/**
 * The rows of all connections, client before server, without building them: `count` of them, each made when it is
 * looked at. Finding one costs a binary search over the connections.
 */
export interface SpanRows {
  readonly count: number;
  row(index: number): SpanRow | undefined;
}

export function spanRows(records: readonly (ConnectionRecord | undefined)[]): SpanRows {
  /** Rows before each connection. */
  const before = new Uint32Array(records.length + 1);
  records.forEach((record, i) => {
    before[i + 1] = before[i]! + (record ? record.states.client.length + record.states.server.length : 0);
  });
  return {
    count: before[records.length]!,
    row(index) {
      let low = 0;
      let high = records.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (before[middle + 1]! <= index) low = middle + 1;
        else high = middle;
      }
      const record = records[low];
      if (!record) return undefined;
      const within = index - before[low]!;
      const clients = record.states.client.length;
      const side = within < clients ? 'client' : 'server';
      const at = side === 'client' ? within : within - clients;
      const span = record.states[side][at];
      return span && { record, side, span, next: record.states[side][at + 1] };
    },
  };
}
