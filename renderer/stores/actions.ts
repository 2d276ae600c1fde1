import type {
  LabClient,
  PacketView,
  RequestInput,
  RequestName,
  RequestOutput,
  Result,
  SaidPiece,
  Session,
  WorkbenchError,
} from '../../preload/contract.ts';
import { download } from '../ui/download.ts';
import { type ComparisonActions, connectComparison } from './comparison-work.ts';
import { connectionsStore, firstGap, forgetSession, mergeConnections, mergePage, worthShowing } from './connections.ts';
import { engineStore, recordSnapshot, showEngine } from './engine.ts';
import { experimentStore, mergeExperiment, questionAnswered, runRefused, runRequested, runStarted, targetOf } from './experiment.ts';
import { filterStore } from './filter.ts';
import { connectFilter } from './filter-work.ts';
import { lookAt, mergeCaptureFindings, mergeFindings } from './findings.ts';
import { interfacesStore, replaceInterfaces, wantedCapture } from './interfaces.ts';
import { leftCapturesStore } from './left-captures.ts';
import { replaceLessons, replaceTemplates } from './lessons.ts';
import { linkChanged, linkStore } from './link.ts';
import { MOST_LISTENERS, mergeListeners } from './listeners.ts';
import { notify } from './notices.ts';
import { packetdrillStore, readAsWritten } from './packetdrill.ts';
import { forgetRun, runStore } from './run.ts';
import { connectRun, type RunActions, whatRuns } from './run-actions.ts';
import { mergeSegments, missingPages, PAGE, pageTowards, segmentsStore, showSegmentsOf } from './segments.ts';
import { selectionStore, selectSession, suggestConnection } from './selection.ts';
import { captureToShow, capturing, isCaptured, mergeSessions, replaceSessions, sessionById, sessionsStore, troubleOf } from './sessions.ts';

/** Everything a person can do in the window, and everything the Workbench tells it, between the client and the stores. */
export interface Actions extends RunActions, ComparisonActions {
  refreshInterfaces(): Promise<void>;
  startCapture(): Promise<void>;
  stopCapture(): Promise<void>;
  openCapture(name: string, octets: Uint8Array): Promise<void>;
  /** Opens a capture beside a session, which stays shown, and compares them. */
  compareWithFile(session: string, name: string, octets: Uint8Array): Promise<void>;
  /** Hands the person a session's capture file. */
  saveCapture(session: Session): Promise<void>;
  /** A capture that a Workbench left behind when it crashed. */
  openLeft(id: string): Promise<void>;
  discardLeft(id: string): Promise<void>;
  closeSession(session: string): Promise<void>;
  engine(action: RequestInput<'engine'>['action'], speed?: number): Promise<void>;
  runExperiment(): Promise<void>;
  /** To the run's question of that number; undefined passes it by. */
  answer(number: number, answer: string | undefined): Promise<void>;
  stopExperiment(): Promise<void>;
  /** Asks for the segments between two rows of the selected connection that have not arrived. */
  wantSegments(first: number, last: number): void;
  /** Asks what there is to say of the selected connection. */
  wantFindings(): void;
  /** Asks what is wrong in the selected session. */
  wantCaptureFindings(): void;
  /** Asks what the selected session shows of listeners. */
  wantListeners(): void;
  /** The kernel's sockets; undefined where the Workbench does not answer, which the window says by itself. */
  kernelSockets(input: RequestInput<'kernelSockets'>): Promise<RequestOutput<'kernelSockets'> | undefined>;
  /** Asks what is wrong with a display filter, and how the word at the cursor may go on. */
  readFilter(text: string, cursor: number): Promise<void>;
  /** A packet's octets and fields; undefined where they could not be had, and the person was told why. */
  packet(input: RequestInput<'packet'>): Promise<PacketView | undefined>;
  /** A piece of what both sides of a connection said; undefined where that could not be had, and the person was told why. */
  follow(input: RequestInput<'follow'>): Promise<{ readonly pieces: readonly SaidPiece[]; readonly more: boolean } | undefined>;
}

/** Octets of a capture file asked for at a time. */
const SAVED_PIECE = 1 << 20;
/** Connections asked for at a time when a session is opened. */
const CONNECTION_PAGE = 1000;

export function connectStores(client: LabClient, onLabTypes: (types: string) => void): Actions {
  const ask = <K extends RequestName>(name: K, input: RequestInput<K>): Promise<RequestOutput<K>> => client.request(name, input);

  /** A request whose refusal and whose failure a person should read. */
  async function attempt<T>(request: Promise<Result<T, WorkbenchError>>): Promise<T | undefined> {
    try {
      const result = await request;
      if (result.ok) return result.value;
      notify(result.error);
    } catch (error) {
      notify({ kind: 'link', message: error instanceof Error ? error.message : String(error) });
    }
    return undefined;
  }

  const filterWork = connectFilter(client);
  const inFlight = new Set<string>();
  /** At most one request for the same thing at a time. */
  async function once(key: string, work: () => Promise<void>): Promise<void> {
    if (inFlight.has(key)) return;
    inFlight.add(key);
    try {
      await work();
    } finally {
      inFlight.delete(key);
    }
  }

  /** Brings the session's missing connections, page by page, until none is missing or the Workbench has no more to say. */
  const fillConnections = (session: string): Promise<void> =>
    once(`connections ${session}`, async () => {
      for (;;) {
        const table = connectionsStore.getState().tables.get(session);
        const gap = table ? firstGap(table, CONNECTION_PAGE) : { from: 0, count: CONNECTION_PAGE };
        if (!gap) return;
        const page = await attempt(ask('connections', { session, ...gap }));
        if (!page) return;
        mergePage(session, page.total, page.records);
        // A Workbench that promises more than it gives is not asked for ever.
        if (page.records.length === 0) return;
      }
    });

  const showInterfaces = (result: RequestOutput<'listInterfaces'>): void => {
    if (result.ok) replaceInterfaces(result.value);
    else interfacesStore.setState({ error: result.error, interfaces: [] });
  };

  const showSession = (session: Session): void => {
    mergeSessions({ changed: [session], closed: [] });
    selectSession(session.id);
  };

  /** One thing to be learned from the Workbench, apart from all others: what fails does not take the rest with it. */
  async function learn<K extends RequestName>(name: K, input: RequestInput<K>, use: (answer: RequestOutput<K>) => void): Promise<void> {
    try {
      use(await ask(name, input));
    } catch (error) {
      // A link that drops in the middle says so itself, and all of this is asked again when it is back.
      if (linkStore.getState().link === 'up') notify({ kind: 'link', message: error instanceof Error ? error.message : String(error) });
    }
  }

  function refreshAll(): void {
    void learn('about', {}, ({ labTypes }) => onLabTypes(labTypes));
    void learn('lessons', {}, replaceLessons);
    void learn('templates', {}, replaceTemplates);
    void learn('packetdrillWords', {}, (reference) => packetdrillStore.setState({ reference }));
    void learn('listInterfaces', {}, showInterfaces);
    void learn('engine', { action: 'show' }, (engine) => {
      if (engine.ok) showEngine(engine.value);
    });
    void learnLeft();
    void learn('sessions', {}, (sessions) => {
      replaceSessions(sessions);
      const { session } = selectionStore.getState();
      if (session === undefined) selectSession(captureToShow({ sessions })?.id ?? sessions.at(-1)?.id);
      else void fillConnections(session);
    });
  }

  client.subscribe('sessions', (message) => {
    for (const { id, title, status } of message.changed) {
      const trouble = troubleOf(status);
      if (trouble && trouble.message !== troubleOf(sessionById(id)?.status)?.message)
        notify({ ...trouble, message: `${title}: ${trouble.message}` });
    }
    mergeSessions(message);
    for (const id of message.closed) forgetSession(id);
    const { before } = runStore.getState();
    if (before !== undefined && message.closed.includes(before)) runStore.setState({ before: undefined, difference: undefined });
    const { session } = selectionStore.getState();
    if (session && message.closed.includes(session))
      selectSession(engineStore.getState().view?.session ?? sessionsStore.getState().sessions.at(-1)?.id);
  });
  client.subscribe('connections', (message) => {
    mergeConnections(message);
    if (message.session === selectionStore.getState().session) {
      const table = connectionsStore.getState().tables.get(message.session);
      if (table && table.held < table.total) void fillConnections(message.session);
    }
  });
  client.subscribe('engine', showEngine);
  client.subscribe('experiment', mergeExperiment);
  experimentStore.subscribe((now, before) => {
    if (now.snapshot && now.session && (now.snapshot !== before.snapshot || now.session !== before.session))
      recordSnapshot(now.session, now.snapshot);
  });
  const readPacketdrill = readAsWritten((source) => ask('readPacketdrill', { source }).catch(() => []));
  experimentStore.subscribe(({ source, language }, before) => {
    if (source !== before.source || language !== before.language) readPacketdrill(language === 'packetdrill' ? source : undefined);
  });
  client.onLink((link) => {
    linkChanged(link);
    if (link === 'up') refreshAll();
  });

  selectionStore.subscribe((now, before) => {
    if (now.session !== before.session || now.connection !== before.connection) {
      showSegmentsOf(now.session, now.connection);
      fetchSegments(0);
    }
    // Last: what is suggested is a selection of its own, and is dealt with before this returns.
    if (now.session !== before.session && now.session) {
      void fillConnections(now.session);
      suggest();
    }
  });
  selectionStore.subscribe(seekPacket);
  segmentsStore.subscribe(seekPacket);
  connectionsStore.subscribe(() => {
    suggest();
    followSegments();
  });

  /** Until a person chooses, a session that runs shows its newest connection, and any other its first. */
  function suggest(): void {
    const { session, connection, automatic } = selectionStore.getState();
    const table = session === undefined || !automatic ? undefined : connectionsStore.getState().tables.get(session);
    if (!table) return;
    const runs = sessionById(session)?.status.kind === 'running';
    const { applied, passing } = filterStore.getState();
    const shows = (id: number | undefined): boolean => id !== undefined && (applied === '' || passing.has(id));
    const likely = runs ? worthShowing(table, connection) : connection;
    const wanted = shows(likely) ? likely : table.records.find((record) => shows(record?.id))?.id;
    if (wanted !== undefined) suggestConnection(wanted);
  }

  /** A selected connection that grew has rows beyond those known: only their number is missing, the rows wait to be shown. */
  function followSegments(): void {
    const { session, connection, total } = segmentsStore.getState();
    if (session === undefined || connection === undefined) return;
    const record = connectionsStore.getState().tables.get(session)?.records[connection];
    if (!record) return;
    const count = record.packets.client + record.packets.server;
    if (filterStore.getState().applied === '' && count > total) fetchSegments(Math.floor(total / PAGE) * PAGE);
  }

  /** A packet may be chosen that lies beyond the segments shown so far (a finding names it): its page is brought. */
  function seekPacket(): void {
    const { session, connection, packet } = selectionStore.getState();
    const segments = segmentsStore.getState();
    if (packet === undefined || segments.session !== session || segments.connection !== connection) return;
    const page = pageTowards(segments, packet);
    if (page !== undefined) fetchSegments(page);
  }

  // Another filter lets other segments pass; one that works on finds more of them.
  filterStore.subscribe((now, before) => {
    if (now.applied !== before.applied || now.progress !== before.progress) suggest();
    const { session, connection, total } = segmentsStore.getState();
    if (now.applied !== before.applied) {
      showSegmentsOf(session, connection);
      fetchSegments(0);
    } else if (now.applied !== '' && now.progress && now.progress.segments !== before.progress?.segments)
      fetchSegments(Math.floor(total / PAGE) * PAGE);
  });

  function fetchSegments(from: number): void {
    const { session, connection } = segmentsStore.getState();
    if (session === undefined || connection === undefined) return;
    const filter = filterStore.getState().applied;
    void once(`segments ${session} ${connection} ${from} ${filter}`, async () => {
      const page = await attempt(ask('segments', { session, connection, from, count: PAGE, ...(filter === '' ? {} : { filter }) }));
      if (page && filterStore.getState().applied === filter) mergeSegments(session, connection, from, page.total, page.rows);
    });
  }

  async function startRun(paused: boolean): Promise<void> {
    const { name, source, language, seed, running } = experimentStore.getState();
    const target = targetOf(experimentStore.getState());
    if (running) return;
    runRequested();
    forgetRun(whatRuns());
    try {
      const { breakpoints } = runStore.getState();
      const started = await ask('runExperiment', { name, source, language, target, seed, ask: true, paused, breakpoints });
      if (!started.ok) runRefused(started.error);
      else {
        runStore.setState({ session: target === 'engine' ? started.value.session : undefined });
        runStarted(started.value.run, started.value.session);
        selectSession(started.value.session);
      }
    } catch (error) {
      runRefused({ kind: 'link', message: error instanceof Error ? error.message : String(error) });
    }
  }

  const learnLeft = () => learn('leftCaptures', {}, (left) => leftCapturesStore.setState({ left }));

  const comparison = connectComparison({ ask, attempt, fillConnections });

  return {
    ...comparison,
    compareWithFile: async (session, name, octets) => {
      const other = await attempt(ask('openCapture', { name, octets }));
      if (!other) return;
      mergeSessions({ changed: [other], closed: [] });
      await comparison.compare(session, other.id);
    },
    refreshInterfaces: () => learn('listInterfaces', {}, showInterfaces),
    startCapture: async () => {
      const wanted = wantedCapture(interfacesStore.getState());
      if (!wanted || isCaptured(sessionsStore.getState(), wanted)) return;
      const session = await attempt(ask('startCapture', wanted));
      if (session) showSession(session);
    },
    stopCapture: async () => {
      const live = capturing(sessionsStore.getState(), selectionStore.getState().session);
      const stopped = live && (await attempt(ask('stopCapture', { session: live.id })));
      if (stopped) mergeSessions({ changed: [stopped], closed: [] });
    },
    openCapture: async (name, octets) => {
      const session = await attempt(ask('openCapture', { name, octets }));
      if (session) showSession(session);
    },
    saveCapture: async ({ id: session, title, source }) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for (let from = 0, total = 1; from < total; ) {
        const piece = await attempt(ask('captureOctets', { session, from, most: SAVED_PIECE }));
        if (!piece) return;
        if (piece.octets.length === 0) break;
        parts.push(piece.octets as Uint8Array<ArrayBuffer>);
        from += piece.octets.length;
        total = piece.total;
      }
      if (parts.length > 0) download(source.kind === 'file' ? source.name : `${title.replaceAll(/[^\w.-]+/g, '-')}.pcapng`, parts);
    },
    openLeft: async (id) => {
      const session = await attempt(ask('openLeft', { id }));
      if (session) showSession(session);
      await learnLeft();
    },
    discardLeft: async (id) => {
      await attempt(ask('discardLeft', { id }));
      await learnLeft();
    },
    closeSession: async (session) => {
      await attempt(ask('closeSession', { session }));
      await learnLeft();
    },
    engine: async (action, speed) => {
      const view = await attempt(ask('engine', speed === undefined ? { action } : { action, speed }));
      if (view) showEngine(view);
    },
    runExperiment: () => startRun(false),
    ...connectRun({ ask, attempt, start: startRun }),
    answer: async (number, answer) => {
      const { session } = experimentStore.getState();
      questionAnswered(number);
      if (session === undefined) return;
      await attempt(ask('controlRun', { session, command: { kind: 'answer', number, ...(answer === undefined ? {} : { answer }) } }));
    },
    stopExperiment: async () => {
      const { run } = experimentStore.getState();
      if (run !== undefined) await attempt(ask('stopExperiment', { run }));
    },
    readFilter: filterWork.read,
    kernelSockets: (input) => ask('kernelSockets', input).catch(() => undefined),
    packet: (input) => attempt(ask('packet', input)),
    follow: (input) => attempt(ask('follow', input)),
    wantSegments: (first, last) => {
      for (const page of missingPages(segmentsStore.getState(), first, last)) fetchSegments(page);
    },
    wantFindings: () => {
      const { session, connection } = selectionStore.getState();
      lookAt(session, connection);
      if (session === undefined || connection === undefined) return;
      void once(`findings ${session} ${connection}`, async () => {
        const findings = await attempt(ask('findings', { session, connection }));
        if (findings) mergeFindings(session, connection, findings);
      });
    },
    wantListeners: () => {
      const { session } = selectionStore.getState();
      if (session === undefined) return;
      void once(`listeners ${session}`, async () => {
        const report = await attempt(ask('listeners', { session, most: MOST_LISTENERS }));
        if (report) mergeListeners(session, report);
      });
    },
    wantCaptureFindings: () => {
      const { session, connection } = selectionStore.getState();
      lookAt(session, connection);
      if (session === undefined) return;
      void once(`captureFindings ${session}`, async () => {
        const found = await attempt(ask('captureFindings', { session }));
        if (found) mergeCaptureFindings(session, found);
      });
    },
  };
}
