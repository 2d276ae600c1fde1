import type { EngineState, SessionCalls } from './session-messages.ts';

/** What a session's worker holds of its source of packets, whatever kind it is. */
export interface OpenFeed {
  /** Ends it; every packet it had has reached the analyst when this resolves. Idempotent. */
  stop(): Promise<void>;
  /** Only the engine's own session is paced by a person. */
  readonly engine?: (input: Parameters<SessionCalls['engine']>[0]) => EngineState;
}
