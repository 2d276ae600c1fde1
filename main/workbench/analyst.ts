import type { CaptureBackend, ConnectionRecord, SessionCounters, SessionStatus, WorkbenchError } from '../../preload/contract.ts';
import { type TraceColumns, traceColumns } from '../analysis/align/trace-columns.ts';
import { Analysis } from '../analysis/analysis.ts';
import { Selection } from '../analysis/filter/selection.ts';
import { listenersOf } from '../analysis/listeners/listeners.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { err, ok, type Result } from '../wire/result.ts';
import { CaptureFindingsOf } from './capture-findings.ts';
import { FilterScan } from './filter-scan.ts';
import { filterOf } from './filtered.ts';
import { followFrom } from './followed.ts';
import type { FrameSource } from './frame-source.ts';
import { packetOf } from './packet.ts';
import { Recording } from './recording.ts';
import type { FromWorker, Page, SessionCalls } from './session-messages.ts';
import { unreadLinks } from './unread-links.ts';
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

const MOST_SCANS = 4;

const NO_DROPS: Drops = { droppedByKernel: 0, droppedByInterface: 0, droppedByQueue: 0 };

const noSuch = (connection: number): WorkbenchError => ({
  kind: 'no-such-connection',
  message: `There is no connection ${connection} in this session.`,
});

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
  #source: FrameSource = new Recording();
  /** Filters asked for lately, the latest last. */
  readonly #scans = new Map<string, FilterScan>();

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** Resolves once its octets are kept, where they must be. */
  readonly take = (batch: FrameBatch): Promise<void> | undefined => {
    this.#analysis.add(batch);
    this.#timer ??= setTimeout(() => this.publish(), PUBLISH_MS);
    return this.#source instanceof Recording ? this.#source.add(batch) : undefined;
  };

  /** The frames can be had from there; without this they are recorded as they come. */
  readsAgainFrom(source: FrameSource): void {
    this.#source = source;
  }

  /** What comes is recorded there, and outlives a crash. */
  recordsAt(path: string): void {
    this.#source = new Recording(path);
  }

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

  /** How the session stands, with what is wrong though it goes on. */
  get #told(): SessionStatus {
    const status = this.#status;
    const warning = (this.#source instanceof Recording ? this.#source.trouble : undefined) ?? unreadLinks(this.#analysis);
    return warning && (status.kind === 'running' || status.kind === 'ended') ? { ...status, warning } : status;
  }

  /** Tells now what changed since the last time. */
  publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#backend && this.#status.kind === 'running') followWallClock(this.#analysis); // the feed has us publish every second
    const changed = this.#takeChanged();
    if (changed.length > 0) this.#post({ kind: 'connections', total: this.#analysis.connectionCount, changed });
    this.#post({ kind: 'status', status: this.#told, counters: this.counters, ...(this.#backend ? { backend: this.#backend } : {}) });
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

  listeners({ most }: Parameters<SessionCalls['listeners']>[0]): ReturnType<SessionCalls['listeners']> {
    return listenersOf(this.#analysis.tables, most);
  }

  segments({ connection, from, count, filter }: Parameters<SessionCalls['segments']>[0]): ReturnType<SessionCalls['segments']> {
    if (connection >= this.#analysis.connectionCount) return err(noSuch(connection));
    if (filter === undefined)
      return ok({ total: this.#analysis.segmentCount(connection), rows: this.#analysis.segments(connection, from, count) });
    const scan = this.#scan(filter);
    if (!scan.ok) return scan;
    const { selection } = scan.value;
    return ok({ total: selection.countOf(connection), rows: this.#analysis.segments(connection, from, count, selection.rows) });
  }

  async filter({ text, known }: Parameters<SessionCalls['filter']>[0]): Promise<Awaited<ReturnType<SessionCalls['filter']>>> {
    const scan = this.#scan(text);
    return scan.ok ? scan.value.progress(known) : scan;
  }

  packet({ frame }: Parameters<SessionCalls['packet']>[0]): ReturnType<SessionCalls['packet']> {
    return packetOf(this.#source, this.#analysis, frame);
  }

  async follow({ connection, skip, most }: Parameters<SessionCalls['follow']>[0]): Promise<Awaited<ReturnType<SessionCalls['follow']>>> {
    if (connection >= this.#analysis.connectionCount) return err(noSuch(connection));
    return followFrom(this.#source, this.#analysis, connection, skip, most);
  }

  /** The segments so far that pass, for somebody who goes on to watch: what comes later is theirs to add. */
  async selection(text: string): Promise<Result<Selection, WorkbenchError>> {
    const filter = filterOf(text);
    if (!filter.ok) return filter;
    const selection = new Selection(filter.value, this.#analysis.tables);
    if (!filter.value.needsOctets) return ok(selection);
    const read = await this.#source.scan((batch) => selection.add(batch), new AbortController().signal);
    return read.ok ? ok(selection) : read;
  }

  trace(): TraceColumns {
    return traceColumns(this.#analysis.captured, this.#analysis.tcpPackets);
  }

  async passing({ connection, filter }: Parameters<SessionCalls['passing']>[0]): Promise<Awaited<ReturnType<SessionCalls['passing']>>> {
    if (connection >= this.#analysis.connectionCount) return err(noSuch(connection));
    const scan = this.#scan(filter);
    if (!scan.ok) return scan;
    const worked = await scan.value.progress(0);
    if (!worked.ok) return worked;
    const { selection } = scan.value;
    return ok({ frames: Uint32Array.from(selection.framesOf(connection)), isThrough: selection.isUpToDate });
  }

  octets({ from, most }: Parameters<SessionCalls['octets']>[0]): ReturnType<SessionCalls['octets']> {
    return this.#source.octets(from, most);
  }

  /** The filter at work, or about to; one that nobody has asked for longest makes room. */
  #scan(text: string): Result<FilterScan, WorkbenchError> {
    const known = this.#scans.get(text);
    this.#scans.delete(text);
    if (known) {
      this.#scans.set(text, known);
      return ok(known);
    }
    const filter = filterOf(text);
    if (!filter.ok) return filter;
    const scan = new FilterScan(filter.value, this.#analysis.tables, this.#source);
    this.#scans.set(text, scan);
    const [oldest] = this.#scans.keys();
    if (this.#scans.size > MOST_SCANS && oldest !== undefined) {
      this.#scans.get(oldest)?.stop();
      this.#scans.delete(oldest);
    }
    return ok(scan);
  }
}

const noConnection = (connection: number) =>
  err({ kind: 'no-such-connection', message: `There is no connection ${connection} in this session.` });
