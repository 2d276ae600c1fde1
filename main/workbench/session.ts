import { Worker } from 'node:worker_threads';
import type {
  CaptureBackend,
  Session,
  SessionCounters,
  SessionId,
  SessionSource,
  SessionStatus,
  WorkbenchError,
} from '../../preload/contract.ts';
import type { Feed, FromWorker, SessionCalls } from './session-messages.ts';
import { WorkerCalls } from './worker-calls.ts';

const NO_COUNTERS: SessionCounters = {
  packets: 0,
  tcpPackets: 0,
  malformed: 0,
  connections: 0,
  droppedByKernel: 0,
  droppedByInterface: 0,
  droppedByQueue: 0,
};

/** A worker that says nothing for so long after it was asked to end is ended. */
const STOP_MS = 5000;

export type Pushed = Exclude<FromWorker, { kind: 'answer' }>;

/**
 * A session as the Workbench holds it: a worker thread of its own does the capturing and the analysis, so that a flood of
 * packets or a script that never ends keeps no other session waiting.
 */
export class SessionHandle {
  readonly id: SessionId;
  readonly #title: string;
  #source: SessionSource;
  #status: SessionStatus = { kind: 'starting' };
  #counters = NO_COUNTERS;
  #hasRun = false;
  readonly #worker: Worker;
  readonly #calls: WorkerCalls<SessionCalls>;
  readonly call: WorkerCalls<SessionCalls>['call'];
  #settled: (() => void) | undefined;
  /** Resolves when the feed runs, or could not be opened. */
  readonly started: Promise<void>;
  /** Resolves when a file was read to its end, or as far as it can be; at once for what grows with time. */
  readonly wasRead: Promise<void>;
  #over: (() => void) | undefined;
  isClosed = false;

  constructor(id: SessionId, title: string, source: SessionSource, feed: Feed, onPush: (session: SessionHandle, message: Pushed) => void) {
    this.id = id;
    this.#title = title;
    this.#source = source;
    this.started = new Promise((resolve) => {
      this.#settled = resolve;
    });
    this.wasRead =
      source.kind === 'file'
        ? new Promise((resolve) => {
            this.#over = resolve;
          })
        : Promise.resolve();
    this.#worker = new Worker(new URL('./session-worker.js', import.meta.url), { workerData: feed });
    this.#calls = new WorkerCalls(this.#worker);
    this.call = (name, input) => this.#calls.call(name, input);
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'answer') {
        this.#calls.answered(message);
        return;
      }
      if (message.kind === 'status') this.#take(message.status, message.counters, message.backend);
      onPush(this, message);
    });
    const lost = (why: string) => {
      this.#calls.lose(why);
      if (this.#status.kind === 'ended' || this.#status.kind === 'failed') return;
      const error: WorkbenchError = { kind: 'worker-lost', message: why, help: 'What was shown so far stays. Start again.' };
      this.#take({ kind: 'failed', error }, this.#counters);
      onPush(this, { kind: 'status', status: this.#status, counters: this.#counters });
    };
    this.#worker.on('error', (error: Error) => lost(`The analysis of this session ended on a fault of its own: ${error.message}`));
    this.#worker.on('exit', () => lost('The analysis of this session has ended.'));
  }

  #take(status: SessionStatus, counters: SessionCounters, backend?: CaptureBackend): void {
    this.#status = status;
    this.#counters = counters;
    this.#hasRun ||= status.kind !== 'failed' && status.kind !== 'starting';
    if (backend && this.#source.kind === 'live') this.#source = { ...this.#source, backend };
    if (status.kind !== 'starting') this.#settled?.();
    if (status.kind === 'ended' || status.kind === 'failed') this.#over?.();
  }

  /** It could not even begin: whoever asked for it is told why, and nobody else needs to be. */
  get failedToStart(): boolean {
    return this.#status.kind === 'failed' && !this.#hasRun;
  }

  get view(): Session {
    return { id: this.id, title: this.#title, source: this.#source, status: this.#status, counters: this.#counters };
  }

  /** Ends the feed in good order, then the worker. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.#over?.();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, STOP_MS, null);
    });
    await Promise.race([this.call('stop', null), patience]).catch(() => undefined);
    clearTimeout(timer);
    if (this.#status.kind !== 'failed') this.#status = { ...this.#status, kind: 'ended' };
    await this.#worker.terminate();
  }
}
