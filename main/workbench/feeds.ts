import type {
  Endpoint,
  EngineSnapshot,
  Result,
  RunCommand,
  RunMoment,
  SegmentRow,
  ShownSegment,
  WorkbenchError,
} from '../../preload/contract.ts';
import type { Told } from '../experiments/difference.ts';
import type { EngineState, SessionCalls } from './session-messages.ts';

/** What a session's worker holds of its source of packets, whatever kind it is. */
export interface OpenFeed {
  /** Ends it; every packet it had has reached the analyst when this resolves. Idempotent. */
  stop(): Promise<void>;
  /** Only the engine's own session is paced by a person. */
  readonly engine?: (input: Parameters<SessionCalls['engine']>[0]) => EngineState;
  /** Only a script's run can be held, stepped and looked back into. */
  readonly run?: RunFeed;
}

export interface RunFeed {
  control(command: RunCommand): Promise<Result<RunMoment, WorkbenchError>>;
  history(ends: readonly Endpoint[], most: number): readonly EngineSnapshot[];
  /** Everything that has happened, in words. */
  told(): readonly Told[];
  /** The row with the line behind the segment and the step that sent it. */
  origin(row: SegmentRow): ShownSegment;
}
