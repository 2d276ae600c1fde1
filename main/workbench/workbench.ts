import { basename } from 'node:path';
import type {
  EngineView,
  LabRequests,
  LabStreams,
  RequestInput,
  RequestName,
  RequestOutput,
  Result,
  RunId,
  Session,
  SessionId,
  SessionSource,
  StreamName,
  WorkbenchError,
} from '../../preload/contract.ts';
import { firstDifference, type Told } from '../experiments/difference.ts';
import { problemsIn } from '../experiments/packetdrill/problems.ts';
import { REFERENCE } from '../experiments/packetdrill/reference.ts';
import { err, ok, unreachable } from '../wire/result.ts';
import { Broadcast } from './broadcast.ts';
import { Comparisons } from './comparisons.ts';
import { readFilterAt } from './filtered.ts';
import { describeRefusal, GUARDS } from './guards.ts';
import { interfaces } from './interfaces.ts';
import { KeptCaptures } from './kept-captures.ts';
import { labTypes, lessons, templates } from './lessons.ts';
import { type Pushed, SessionHandle } from './session.ts';
import type { EngineState, Feed } from './session-messages.ts';
import { kernelSockets } from './sockets/kernel-sockets.ts';

/** A message that no window of ours sends. The door answers it with this text and goes on. */
export class Refusal extends Error {}

const gone = (session: SessionId): WorkbenchError => ({
  kind: 'no-such-session',
  message: `There is no session ${session}: it was closed.`,
  help: 'Choose another session, or start a new capture.',
});

const notLeft = (id: string): WorkbenchError => ({
  kind: 'no-such-capture',
  message: `No capture called "${id}" was left behind: it was discarded, or its Workbench still runs.`,
});

/** Finished runs that stay open for looking at, beside the one that starts. */
const KEPT_RUNS = 4;

interface Run {
  readonly session: SessionHandle;
  readonly stop: Uint8Array;
}

/**
 * Everything a person can do, in one place, whichever door they came through. It owns the sessions; each lives in a worker
 * thread.
 */
export class Workbench {
  readonly #version: string;
  readonly #broadcast = new Broadcast();
  readonly #sessions = new Map<SessionId, SessionHandle>();
  readonly #runs = new Map<RunId, Run>();
  readonly #comparisons = new Comparisons();
  #lastId = 0;
  #echo: SessionHandle | undefined;
  readonly #kept: KeptCaptures;
  /** Where live captures are recorded; a file goes when its session is closed. */
  readonly #recordings = new Map<SessionId, string>();
  /** Sessions of captures that were left behind, by what those are called. */
  readonly #reopened = new Map<SessionId, string>();

  constructor(options: { readonly version: string; readonly kept?: KeptCaptures }) {
    this.#version = options.version;
    this.#kept = options.kept ?? new KeptCaptures();
  }

  subscribe<K extends StreamName>(stream: K, listener: (message: LabStreams[K]) => void): () => void {
    return this.#broadcast.subscribe(stream, listener);
  }

  /** Guards an input that came from outside, then does what it asks. Throws a `Refusal` where the input is not one. */
  async handle<K extends RequestName>(name: K, input: unknown): Promise<RequestOutput<K>> {
    const guarded = GUARDS[name].safeParse(input);
    if (!guarded.success) throw new Refusal(describeRefusal(name, guarded.error));
    const run = this.#handlers[name] as (input: RequestInput<K>) => Promise<RequestOutput<K>>;
    return run(guarded.data as RequestInput<K>);
  }

  /** Ends every session. What they had written is safe; nothing of theirs keeps running. */
  async close(): Promise<void> {
    await this.#comparisons.close();
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    this.#sessions.clear();
    for (const path of this.#recordings.values()) this.#kept.discard(path);
  }

  /** Opens a capture file of this machine where it lies, whatever its size. For doors that were given a path; the window has none. */
  async open(path: string): Promise<Result<Session, WorkbenchError>> {
    const name = basename(path);
    const session = this.#open(name, { kind: 'file', name }, { kind: 'path', path });
    await session.started;
    return this.#unlessFailed(session);
  }

  readonly #handlers: LabRequests = {
    about: async () => ({ version: this.#version, platform: `${process.platform} ${process.arch}`, labTypes: labTypes() }),
    sessions: async () => [...this.#sessions.values()].map((session) => this.#view(session)),
    listInterfaces: async () => interfaces(),
    kernelSockets: (asked) => kernelSockets(asked),
    lessons: async () => lessons(),
    templates: async () => templates(),

    startCapture: async (options) => {
      const { interface: name, filter = '', host } = options;
      const backend = host === undefined ? (options.backend ?? 'helper') : 'ssh';
      const source: SessionSource = { kind: 'live', interface: name, filter, backend, ...(host === undefined ? {} : { host }) };
      const place = host === undefined ? name : `${host}:${name}`;
      const title = filter === '' ? place : `${place} · ${filter}`;
      const keep = this.#kept.place(title);
      const session = this.#open(title, source, { kind: 'live', options, ...(keep === undefined ? {} : { keep }) });
      if (keep !== undefined) this.#recordings.set(session.id, keep);
      await session.started;
      return this.#unlessFailed(session);
    },

    stopCapture: ({ session }) =>
      this.#of(session, async (its) => {
        await its.call('stop', null);
        return ok(this.#view(its));
      }),

    openCapture: async ({ name, octets }) => {
      const session = this.#open(name, { kind: 'file', name }, { kind: 'file', name, octets });
      await session.started;
      return this.#unlessFailed(session);
    },

    captureOctets: ({ session, ...input }) => this.#of(session, (its) => its.call('octets', input)),

    leftCaptures: async () => {
      const open = new Set(this.#reopened.values());
      return this.#kept.left().filter(({ id }) => !open.has(id));
    },

    openLeft: async ({ id }) => {
      const path = this.#kept.pathOf(id);
      if (path === undefined) return err(notLeft(id));
      const opened = await this.open(path);
      if (opened.ok) this.#reopened.set(opened.value.id, id);
      return opened;
    },

    discardLeft: async ({ id }) => {
      const path = this.#kept.pathOf(id);
      if (path === undefined) return err(notLeft(id));
      this.#kept.discard(path);
      return ok(null);
    },

    closeSession: ({ session }) =>
      this.#of(session, async (its) => {
        await this.#close(its);
        return ok(null);
      }),

    connections: ({ session, ...page }) => this.#of(session, async (its) => ok(await its.call('connections', page))),
    segments: ({ session, ...input }) => this.#of(session, (its) => its.call('segments', input)),
    readFilter: async ({ text, cursor }) => readFilterAt(text, cursor),
    filter: ({ session, text, known }) => this.#of(session, (its) => its.call('filter', { text, known })),
    packet: ({ session, frame }) => this.#of(session, (its) => its.call('packet', { frame })),
    follow: ({ session, ...input }) => this.#of(session, (its) => its.call('follow', input)),

    compareCaptures: async ({ session: id, with: otherId }) => {
      const [own, other] = [this.#sessions.get(id), this.#sessions.get(otherId)];
      if (!own || !other) return err(gone(own ? otherId : id));
      if (own === other) return err({ kind: 'same-session', message: 'A capture is compared with another one, not with itself.' });
      const begun = await this.#comparisons.begin(own, other);
      this.#tell(own);
      return begun;
    },

    comparedConnections: (input) => this.#comparisons.connections(input),
    comparedSegments: (input) => this.#comparisons.segments(input),

    endComparison: async ({ session: id }) => {
      await this.#comparisons.end(id);
      const session = this.#sessions.get(id);
      if (session) this.#tell(session);
      return ok(null);
    },

    findings: ({ session, connection }) => this.#of(session, (its) => its.call('findings', { connection })),
    listeners: ({ session, most }) => this.#of(session, async (its) => ok(await its.call('listeners', { most }))),
    captureFindings: ({ session }) => this.#of(session, async (its) => ok(await its.call('captureFindings', null))),

    readPacketdrill: async ({ source }) => problemsIn(source),
    packetdrillWords: async () => REFERENCE,

    runExperiment: async (options) => {
      await this.#retireRuns();
      const stop = new SharedArrayBuffer(1);
      const session = this.#open(options.name, { kind: 'engine', name: options.name }, { kind: 'experiment', options, stop });
      const run: RunId = session.id;
      this.#runs.set(run, { session, stop: new Uint8Array(stop) });
      return ok({ run, session: session.id });
    },

    stopExperiment: async ({ run: id }) => {
      const run = this.#runs.get(id);
      if (!run) return err({ kind: 'no-such-run', message: `There is no run ${id}: it is over.` });
      Atomics.store(run.stop, 0, 1);
      // A run that is held hears nothing until it is let go; it answers when it has come to its end, which the stream tells.
      run.session.call('stop', null).catch(() => undefined);
      return ok(null);
    },

    controlRun: ({ session, command }) => this.#of(session, (its) => its.call('control', command)),
    runHistory: ({ session, ends, most }) => this.#of(session, (its) => its.call('history', { ends, most })),

    compareRuns: async ({ first, second }) => {
      const told: (readonly Told[])[] = [];
      for (const id of [first, second]) {
        const session = this.#sessions.get(id);
        if (!session) return err(gone(id));
        const said = await session.call('told', null);
        if (!said.ok) return said;
        told.push(said.value);
      }
      return ok(firstDifference(told[0]!, told[1]!) ?? null);
    },

    engine: async ({ action, speed }) => {
      if (this.#echo && (action === 'restart' || this.#echo.view.status.kind === 'failed')) await this.#close(this.#echo);
      this.#echo ??= this.#open('Engine: echo on port 9502', { kind: 'engine', name: 'echo' }, { kind: 'echo' });
      const echo = this.#echo;
      const state = await echo.call('engine', {
        action: action === 'restart' ? 'play' : action,
        ...(speed === undefined ? {} : { speed }),
      });
      return state.ok ? ok(engineView(echo, state.value)) : state;
    },
  };

  #open(title: string, source: SessionSource, feed: Feed): SessionHandle {
    const session = new SessionHandle(`s${++this.#lastId}`, title, source, feed, (from, message) => this.#forward(from, message));
    this.#sessions.set(session.id, session);
    this.#tell(session);
    return session;
  }

  /** Asks a session, unless it is gone. */
  async #of<T>(id: SessionId, ask: (session: SessionHandle) => Promise<Result<T, WorkbenchError>>): Promise<Result<T, WorkbenchError>> {
    const session = this.#sessions.get(id);
    return session ? ask(session) : err(gone(id));
  }

  #view(session: SessionHandle): Session {
    const comparedWith = this.#comparisons.with(session.id);
    return comparedWith === undefined ? session.view : { ...session.view, comparedWith };
  }

  #tell(session: SessionHandle): void {
    this.#broadcast.publish('sessions', { changed: [this.#view(session)], closed: [] });
  }

  /** A finished run keeps a thread for its questions; only the latest few are worth one. */
  async #retireRuns(): Promise<void> {
    const finished = [...this.#sessions.values()].filter(
      ({ id, view }) => view.source.kind === 'engine' && id !== this.#echo?.id && !this.#runs.has(id),
    );
    await Promise.all(finished.slice(0, -KEPT_RUNS).map((session) => this.#close(session)));
  }

  /** What never ran leaves its reason and no empty session behind. */
  async #unlessFailed(session: SessionHandle): Promise<Result<Session, WorkbenchError>> {
    const { view } = session;
    if (!session.failedToStart || view.status.kind !== 'failed') return ok(view);
    await this.#close(session);
    return err(view.status.error);
  }

  async #close(session: SessionHandle): Promise<void> {
    this.#sessions.delete(session.id);
    this.#runs.delete(session.id);
    if (this.#echo === session) this.#echo = undefined;
    await session.close();
    for (const alone of await this.#comparisons.leave(session.id)) this.#tell(alone);
    const recording = this.#recordings.get(session.id);
    if (recording !== undefined) this.#kept.discard(recording);
    this.#recordings.delete(session.id);
    this.#reopened.delete(session.id);
    this.#broadcast.publish('sessions', { changed: [], closed: [session.id] });
  }

  #forward(session: SessionHandle, message: Pushed): void {
    switch (message.kind) {
      case 'status':
        if (this.#sessions.has(session.id) && !session.failedToStart) this.#tell(session);
        return;
      case 'connections':
        this.#broadcast.publish('connections', { session: session.id, total: message.total, changed: message.changed });
        return;
      case 'engine':
        this.#broadcast.publish('engine', engineView(session, message.state));
        return;
      case 'experiment': {
        const { kind: _, ...said } = message;
        if (said.report) this.#runs.delete(session.id);
        this.#broadcast.publish('experiment', { run: session.id, ...said });
        return;
      }
      default:
        unreachable(message);
    }
  }
}

const engineView = (session: SessionHandle, state: EngineState): EngineView => ({ session: session.id, ...state });
