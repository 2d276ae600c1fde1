import type { CaptureBackend, SessionCounters, SessionStatus, WorkbenchError } from '../../preload/contract.ts';
import { Analysis } from '../analysis/analysis.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok } from '../wire/result.ts';
import type { FromWorker, Page, SessionCalls } from './session-messages.ts';

/** At most thirty deltas a second: faster than that no eye follows, and the window has better things to do. */
const PUBLISH_MS = 33;
/** A delta stays small enough to cross to the window without a stutter; the rest follows in the next. */
const MAX_CHANGED = 500;

export interface Drops {
  readonly droppedByKernel: number;
  readonly droppedByInterface: number;
  readonly droppedByQueue: number;
}

const NO_DROPS: Drops = { droppedByKernel: 0, droppedByInterface: 0, droppedByQueue: 0 };

/**
 * What every session does whatever its feed: takes frames, keeps the connections, answers for them, and tells what changed
 * as often as it helps.
 */
export class Analyst {
  readonly #analysis = new Analysis();
  readonly #post: (message: FromWorker) => void;
  #status: SessionStatus = { kind: 'starting' };
  #backend: CaptureBackend | undefined;
  #drops: () => Drops = () => NO_DROPS;
  #timer: NodeJS.Timeout | undefined;
  #changed: number[] = [];

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  readonly take = (batch: FrameBatch): void => {
    this.#analysis.add(batch);
    this.#timer ??= setTimeout(() => this.publish(), PUBLISH_MS);
  };

  run(source: { readonly backend?: CaptureBackend; readonly drops?: () => Drops } = {}): void {
    this.#backend = source.backend;
    if (source.drops) this.#drops = source.drops;
    if (this.#status.kind !== 'starting') return; // it ended as soon as it had begun
    this.#status = { kind: 'running' };
    this.publish();
  }

  /** The feed is over: in good order, or with what ended it. */
  end(error?: WorkbenchError): void {
    this.#status = error ? { kind: 'failed', error } : { kind: 'ended' };
    this.publish();
  }

  /** Tells now what changed since the last time. */
  publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const id of this.#analysis.takeChanged()) this.#changed.push(id);
    const ids = this.#changed.splice(0, MAX_CHANGED);
    if (ids.length > 0)
      this.#post({ kind: 'connections', total: this.#analysis.connectionCount, changed: ids.map((id) => this.#analysis.record(id)) });
    this.#post({ kind: 'status', status: this.#status, counters: this.counters, ...(this.#backend ? { backend: this.#backend } : {}) });
    if (this.#changed.length > 0) this.#timer = setTimeout(() => this.publish(), PUBLISH_MS);
  }

  get counters(): SessionCounters {
    const { packets, tcpPackets, malformed, connectionCount } = this.#analysis;
    return { packets, tcpPackets, malformed, connections: connectionCount, ...this.#drops() };
  }

  connections({ from, count }: Page): ReturnType<SessionCalls['connections']> {
    const total = this.#analysis.connectionCount;
    const length = Math.max(0, Math.min(count, total - from));
    return { total, records: Array.from({ length }, (_, i) => this.#analysis.record(from + i)) };
  }

  segments({ connection, from, count }: Page & { readonly connection: number }): ReturnType<SessionCalls['segments']> {
    if (connection >= this.#analysis.connectionCount)
      return err({ kind: 'no-such-connection', message: `There is no connection ${connection} in this session.` });
    const { packets } = this.#analysis.record(connection);
    return ok({ total: packets.client + packets.server, rows: this.#analysis.segments(connection, from, count) });
  }
}
