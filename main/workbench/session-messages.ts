import type {
  CaptureBackend,
  CaptureFindings,
  CaptureOptions,
  ConnectionRecord,
  Endpoint,
  EngineSnapshot,
  ExperimentEvent,
  ExperimentOptions,
  ExperimentReport,
  FilterProgress,
  Finding,
  ListenersReport,
  PacketView,
  Result,
  RunCommand,
  RunMoment,
  RunPosition,
  SaidPiece,
  SavedOctets,
  SessionCounters,
  SessionStatus,
  ShownSegment,
  WorkbenchError,
} from '../../preload/contract.ts';
import type { TraceColumns } from '../analysis/align/trace-columns.ts';
import type { Told } from '../experiments/difference.ts';
import type { Asked } from './worker-calls.ts';

/** Where a session's packets come from. */
export type Feed =
  /** `keep` is where it is recorded as it runs. */
  | { readonly kind: 'live'; readonly options: CaptureOptions; readonly keep?: string }
  | { readonly kind: 'file'; readonly name: string; readonly octets: Uint8Array }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'echo' }
  | {
      readonly kind: 'experiment';
      readonly options: ExperimentOptions /** One octet; 1 asks the script to stop. */;
      readonly stop: SharedArrayBuffer;
    };

export interface Page {
  readonly from: number;
  readonly count: number;
}

/** What the Workbench asks of a session's worker. */
export interface SessionCalls {
  connections(input: Page): { readonly total: number; readonly records: readonly ConnectionRecord[] };
  segments(
    input: Page & { readonly connection: number; readonly filter?: string },
  ): Result<{ readonly total: number; readonly rows: readonly ShownSegment[] }, WorkbenchError>;
  findings(input: { readonly connection: number }): Result<readonly Finding[], WorkbenchError>;
  captureFindings(input: null): CaptureFindings;
  listeners(input: { readonly most: number }): ListenersReport;
  filter(input: { readonly text: string; readonly known: number }): Promise<Result<FilterProgress, WorkbenchError>>;
  packet(input: { readonly frame: number }): Promise<Result<PacketView, WorkbenchError>>;
  follow(input: {
    readonly connection: number;
    readonly skip: number;
    readonly most: number;
  }): Promise<Result<{ readonly pieces: readonly SaidPiece[]; readonly more: boolean }, WorkbenchError>>;
  /** Everything that an alignment with another capture needs. */
  trace(input: null): TraceColumns;
  /** The frames of a connection that pass a display filter, as far as a moment's work on it tells. */
  passing(input: { readonly connection: number; readonly filter: string }): Promise<Result<Passing, WorkbenchError>>;
  octets(input: { readonly from: number; readonly most: number }): Promise<Result<SavedOctets, WorkbenchError>>;
  /** Ends the feed; what was read stays. Answers when the last packet has been analysed. */
  stop(input: null): Promise<null>;
  engine(input: {
    readonly action: 'show' | 'play' | 'pause' | 'step' | 'restart';
    readonly speed?: number;
  }): Result<EngineState, WorkbenchError>;
  control(input: RunCommand): Promise<Result<RunMoment, WorkbenchError>>;
  /** Everything that has happened in the run, in words. */
  told(input: null): Result<readonly Told[], WorkbenchError>;
  history(input: { readonly ends: readonly Endpoint[]; readonly most: number }): Result<readonly EngineSnapshot[], WorkbenchError>;
}

export interface Passing {
  readonly frames: Uint32Array;
  /** The whole capture was looked at. */
  readonly isThrough: boolean;
}

export interface EngineState {
  readonly running: boolean;
  readonly speed: number;
  readonly snapshot: EngineSnapshot;
}

export type ToWorker = Asked<SessionCalls>;

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'status'; readonly status: SessionStatus; readonly counters: SessionCounters; readonly backend?: CaptureBackend }
  | { readonly kind: 'connections'; readonly total: number; readonly changed: readonly ConnectionRecord[] }
  | { readonly kind: 'engine'; readonly state: EngineState }
  | {
      readonly kind: 'experiment';
      readonly events: readonly ExperimentEvent[];
      readonly snapshot?: EngineSnapshot;
      readonly position?: RunPosition;
      readonly report?: ExperimentReport;
    };
