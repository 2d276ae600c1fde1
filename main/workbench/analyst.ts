import type { CaptureBackend, ConnectionRecord, SessionCounters, SessionStatus, WorkbenchError } from '../../preload/contract.ts';
import { Analysis } from '../analysis/analysis.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok } from '../wire/result.ts';
import { CaptureFindingsOf } from './capture-findings.ts';
import type { FromWorker, Page, SessionCalls } from './session-messages.ts';
import { followWallClock } from './wall-clock.ts';

/** At most thirty deltas a second: faster than that no eye follows, and the window has better things to do. */
const PUBLISH_MS = 33;
/** A delta stays small enough to cross to the window without a stutter; the rest follows in the next. */
const MAX_CHANGED = 500;
const MAX_EVENTS = 5000;
/** What a record for the window holds of a connection's events; it knows how many there are. */
const LATEST_EVENTS = 200;

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
  readonly #captureFindings = new CaptureFindingsOf(this.#analysis);
  readonly #post: (message: FromWorker) => void;
  #status: SessionStatus = { kind: 'starting' };
  #backend: CaptureBackend | undefined;
  #drops: () => Drops = () => NO_DROPS;
  #timer: NodeJS.Timeout | undefined;

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
    if (this.#backend && this.#status.kind === 'running') followWallClock(this.#analysis); // the feed has us publish every second
    const changed = this.#takeChanged();
    if (changed.length > 0) this.#post({ kind: 'connections', total: this.#analysis.connectionCount, changed });
    this.#post({ kind: 'status', status: this.#status, counters: this.counters, ...(this.#backend ? { backend: this.#backend } : {}) });
    if (this.#analysis.changedCount > 0) this.#timer = setTimeout(() => this.publish(), PUBLISH_MS);
  }

  /** As many of the changed connections as one delta takes. */
  #takeChanged(): ConnectionRecord[] {
    const records: ConnectionRecord[] = [];
    for (let events = 0; records.length < MAX_CHANGED && events < MAX_EVENTS; ) {
      const [id] = this.#analysis.takeChanged(1);
      if (id === undefined) break;
      this.#captureFindings.note(id);
      const record = this.#record(id);
      events += record.events.length;
      records.push(record);
    }
    return records;
  }

  #record(id: number): ConnectionRecord {
    return this.#analysis.record(id, { latestEvents: LATEST_EVENTS });
  }

  get counters(): SessionCounters {
    const { packets, tcpPackets, malformed, connectionCount } = this.#analysis;
    return { packets, tcpPackets, malformed, connections: connectionCount, ...this.#drops() };
  }

  connections({ from, count }: Page): ReturnType<SessionCalls['connections']> {
    const total = this.#analysis.connectionCount;
    const length = Math.max(0, Math.min(count, total - from));
    return { total, records: Array.from({ length }, (_, i) => this.#record(from + i)) };
  }

  findings({ connection }: { readonly connection: number }): ReturnType<SessionCalls['findings']> {
    return connection < this.#analysis.connectionCount ? ok(this.#analysis.findings(connection)) : noConnection(connection);
  }

  captureFindings(): ReturnType<SessionCalls['captureFindings']> {
    return this.#captureFindings.findings();
  }

  segments({ connection, from, count }: Page & { readonly connection: number }): ReturnType<SessionCalls['segments']> {
    if (connection >= this.#analysis.connectionCount) return noConnection(connection);
    return ok({ total: this.#analysis.segmentCount(connection), rows: this.#analysis.segments(connection, from, count) });
  }
}

const noConnection = (connection: number) =>
  err({ kind: 'no-such-connection', message: `There is no connection ${connection} in this session.` });
