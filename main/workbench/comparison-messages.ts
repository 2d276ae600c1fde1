import type { CaptureComparison, ComparedConnection, ComparedPage, Result, WorkbenchError } from '../../preload/contract.ts';
import type { TraceColumns } from '../analysis/align/trace-columns.ts';

/** Both captures: the session's own first. */
export interface ComparisonInput {
  readonly own: TraceColumns;
  readonly other: TraceColumns;
}

/** What the Workbench asks of the thread that holds two captures. */
export interface ComparisonCalls {
  /** Undefined where they have nothing in common. */
  align(input: null): Pick<CaptureComparison, 'nearClient' | 'clock' | 'connections'> | undefined;
  connections(input: { readonly known: number }): readonly ComparedConnection[];
  /** A connection's number in the other capture. */
  twinOf(input: { readonly connection: number }): Result<number, WorkbenchError>;
  segments(input: {
    readonly connection: number;
    readonly from: number;
    readonly count: number;
    readonly passing?: PassingFrames;
  }): Result<Omit<ComparedPage, 'filtering'>, WorkbenchError>;
}

/** Frames that pass a display filter, by capture; equal keys mean equal frames. */
export interface PassingFrames {
  readonly key: string;
  readonly own: Uint32Array;
  readonly other: Uint32Array;
}
