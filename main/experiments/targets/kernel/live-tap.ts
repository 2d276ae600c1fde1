import type { TcpState } from '../../../tcp-model/states.ts';
import type { FrameBatch } from '../../../wire/frame-batch.ts';
import type { Result } from '../../../wire/result.ts';
import type { SocketAddress } from '../../lab/values.ts';
import type { Refusal } from '../target.ts';

/** What lets a run on the kernel see its own segments. Capturing and inference live in other rooms; who starts the run brings them. */
export interface LiveTap {
  /** Captures the loopback interface until closed; frames of everybody who uses it come. */
  open(onBatch: (batch: FrameBatch) => void, onLost: (why: string) => void): Promise<Result<OpenTap, TapRefusal>>;
  /** Takes what is the run's own, in order. */
  follow(batch: FrameBatch): void;
  /** Every connection followed so far, with the way of each end, oldest first. */
  connections(): readonly FollowedConnection[];
}

export interface OpenTap {
  close(): Promise<void>;
}

export interface TapRefusal extends Refusal {
  readonly help?: string | undefined;
}

export interface FollowedConnection {
  readonly client: FollowedEnd;
  readonly server: FollowedEnd;
}

export interface FollowedEnd extends SocketAddress {
  readonly history: readonly TcpState[];
}
