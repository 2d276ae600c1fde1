/**
 * The one typed surface between a window and the Workbench. Plain data only: everything here crosses a process boundary.
 * Types alone live here; `main/workbench` guards each input on arrival and implements each request.
 */
import type { ClockLine } from '../main/analysis/align/clock-fit.ts';
import type { Direction, Fate } from '../main/analysis/align/fate.ts';
import type { Finding } from '../main/analysis/diagnosis/finding.ts';
import type { ListenersReport } from '../main/analysis/listeners/listener.ts';
import type { ConnectionRecord, Endpoint, Instant, SegmentRow, Side } from '../main/analysis/record.ts';
import type { EngineSnapshot } from '../main/engine/snapshot.ts';
import type { CoursePlace } from '../main/experiments/course.ts';
import type { Difference } from '../main/experiments/difference.ts';
import type { Reference, ScriptProblem } from '../main/experiments/packetdrill/reference.ts';
import type { ExperimentEvent, ExperimentReport, Language } from '../main/experiments/report.ts';
import type { Position, Unit } from '../main/experiments/stepping/position.ts';
import type { TcpState } from '../main/tcp-model/states.ts';
import type { Result } from '../main/wire/result.ts';
import type { KernelSocketsAsked, KernelSocketsReport } from './sockets.ts';

export type { Direction } from '../main/analysis/align/fate.ts';
export type { Finding, FindingKind, Severity } from '../main/analysis/diagnosis/finding.ts';
export type { ListenerRecord, ListenerSpan, ListenersReport, QueueLength, QueueLengths } from '../main/analysis/listeners/listener.ts';
export type { Certainty, ConnectionEvent, ConnectionRecord, Endpoint, Instant, SegmentRow, StateSpan } from '../main/analysis/record.ts';
export type { EngineSnapshot } from '../main/engine/snapshot.ts';
export type { Difference as RunDifference } from '../main/experiments/difference.ts';
export type { Reference as PacketdrillReference, ScriptProblem } from '../main/experiments/packetdrill/reference.ts';
export type {
  Check,
  ExperimentEvent,
  ExperimentReport,
  Language,
  Outcome,
  Prediction,
  ScriptError,
  ScriptPosition,
} from '../main/experiments/report.ts';
export type { Position as RunPosition, Unit as StepUnit } from '../main/experiments/stepping/position.ts';
export type { Result } from '../main/wire/result.ts';
export type { KernelSocketRecord, KernelSocketsAsked, KernelSocketsReport, SocketsGap } from './sockets.ts';

/** What a person is told when something could not be done: what is wrong, and what to do about it. */
export interface WorkbenchError {
  readonly kind: string;
  readonly message: string;
  readonly help?: string;
}

export interface InterfaceInfo {
  readonly name: string;
  readonly description: string;
  readonly addresses: readonly string[];
  readonly linkType: string;
  readonly up: boolean;
  readonly running: boolean;
  readonly loopback: boolean;
  readonly wireless: boolean;
  /** Whether this user may capture here; if not, why, and what would allow it. */
  readonly capture: { readonly allowed: boolean; readonly why?: string; readonly fix?: string };
}

/** What captures on this machine. */
export type LocalBackend = 'helper' | 'cap' | 'dumpcap';
export type CaptureBackend = LocalBackend | 'ssh';

export interface CaptureOptions {
  readonly interface: string;
  /** A BPF filter as tcpdump takes it; empty captures everything. */
  readonly filter?: string;
  readonly backend?: LocalBackend;
  /** Another machine, [USER@]HOST as ssh takes it: the capture is its own, by its dumpcap or tcpdump. */
  readonly host?: string;
  readonly promiscuous?: boolean;
  /** Octets kept of each packet. */
  readonly snapshotLength?: number;
}

/** A capture that was running when a Workbench ended without ending it. */
export interface LeftCapture {
  readonly id: string;
  /** What was captured: the interface, and the filter. */
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly octets: number;
}

/** A piece of a capture file, and how long the whole is now. */
export interface SavedOctets {
  readonly octets: Uint8Array;
  readonly total: number;
}

export type SessionId = string;

export type SessionSource =
  | {
      readonly kind: 'live';
      readonly interface: string;
      readonly filter: string;
      readonly backend: CaptureBackend;
      readonly host?: string;
    }
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'engine'; readonly name: string };

export type SessionStatus =
  | { readonly kind: 'starting' }
  /** `warning`: something is wrong, and it goes on all the same. */
  | { readonly kind: 'running'; readonly warning?: WorkbenchError }
  | { readonly kind: 'ended'; readonly warning?: WorkbenchError }
  /** Ended by something nobody asked for. What was captured stays. */
  | { readonly kind: 'failed'; readonly error: WorkbenchError };

export interface SessionCounters {
  readonly packets: number;
  readonly tcpPackets: number;
  readonly malformed: number;
  readonly connections: number;
  readonly droppedByKernel: number;
  readonly droppedByInterface: number;
  /** Dropped between capture and analysis because the analysis fell behind. */
  readonly droppedByQueue: number;
}

/** One capture, opened file or engine run: what the connections, the timeline and the packets belong to. */
export interface Session {
  readonly id: SessionId;
  readonly title: string;
  readonly source: SessionSource;
  readonly status: SessionStatus;
  readonly counters: SessionCounters;
  /** Another capture of the same connections that it is compared with. */
  readonly comparedWith?: SessionId;
}

/** Two captures of the same connections, made at two places: where each was, and how the clocks run. */
export interface CaptureComparison {
  readonly session: SessionId;
  readonly with: SessionId;
  /** Which of them was made nearer to the clients. */
  readonly nearClient: 'this' | 'other';
  /** The other one's clock, `ahead` in seconds when this one begins. Absent where segments of one direction alone are in both. */
  readonly clock?: Omit<ClockLine, 'offset'> & { readonly ahead: number };
  /** Connections that are in both. */
  readonly connections: number;
  /** Captured packets that were compared: one that goes on has more by now. */
  readonly packets: { readonly this: number; readonly other: number };
}

/** A connection that both captures hold. */
export interface ComparedConnection {
  readonly id: number;
  /** Its number in the other capture, which may take the client for the server. */
  readonly other: number;
  readonly turned: boolean;
  /** What became of what each side sent. */
  readonly directions: { readonly client: Direction; readonly server: Direction };
}

/** A segment at one of two places. */
export interface ComparedMoment extends Pick<Fate, 'from' | 'flags' | 'length' | 'fate'> {
  /** The end that the capture which saw it here is nearer to. */
  readonly place: Side;
  /** Its frame in that capture. */
  readonly frame: number;
  /** By the clock of the session compared. */
  readonly at: Instant;
  readonly relativeSeq: number;
  readonly relativeAck: number;
  /** The same segment at the other place, where it was seen there: its row, and its frame in that capture. */
  readonly partner?: { readonly row: number; readonly frame: number };
  /** Nanoseconds that it was on its way between the places; where both saw it. */
  readonly way?: number;
  /** The latest frame of each place up to here; 0 before its first. */
  readonly passed: { readonly client: number; readonly server: number };
}

/** Some rows of a connection in two captures, in order of time: each place in its own order, and nothing arrives before it left. */
export interface ComparedPage {
  readonly total: number;
  readonly rows: readonly ComparedMoment[];
  /** What is under way somewhere in these rows, by the row where it leaves and the row where it comes. */
  readonly arrows: readonly (readonly [leaves: number, arrives: number])[];
  /** The display filter is still at work on one of the captures: ask again. */
  readonly filtering: boolean;
}

/** What is wrong in a capture: what concerns it as a whole, and the gravest of its connections'; notes are left out. */
export interface CaptureFindings {
  /** The gravest first; not more than a window can show. */
  readonly findings: readonly Finding[];
  /** How many there are in all. */
  readonly total: number;
  /** Connections that changed and were not read yet: ask again. */
  readonly unread: number;
}

export interface LessonInfo {
  /** The file's name without its ending, as in `tcpwb run`. */
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly titleZh: string;
  /** Markdown: question, prediction, what to watch, explanation. */
  readonly text: string;
  readonly textZh: string;
  readonly source: string;
  /** Where it stands in the course; lessons come in the course's order. */
  readonly place?: CoursePlace;
}

/** A script to begin with. */
export interface Template {
  /** The file's name without its ending. */
  readonly id: 'empty' | 'echo' | 'bad-link' | 'busy-listener' | 'handshake';
  readonly source: string;
  readonly language: Language;
}

export interface ExperimentOptions {
  readonly name: string;
  readonly source: string;
  /** What it is written in; TypeScript when it does not say. */
  readonly language?: Language;
  readonly target: 'engine' | 'kernel';
  readonly seed: number;
  /** Stands still before the script's first line. */
  readonly paused?: boolean;
  /** Lines of the script at which it stops. */
  readonly breakpoints?: readonly number[];
  /** There is somebody to answer the script's questions; without it nobody is asked. */
  readonly ask?: boolean;
}

export type RunId = string;

/** What can be asked of a run on the engine, while it goes on and when it is over. */
export type RunCommand =
  /** Goes on from the moment that is looked at, to the next breakpoint or the end; answered at once. */
  | { readonly kind: 'run' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step'; readonly unit: Unit }
  | { readonly kind: 'back'; readonly unit: Unit }
  /** To a moment: after a step, or at a time in nanoseconds of the target's clock. Does not hold a run that goes on. */
  | { readonly kind: 'look'; readonly at: { readonly step: number } | { readonly time: number } }
  | { readonly kind: 'breakpoints'; readonly lines: readonly number[] }
  /** On to the first segment that passes a display filter, or to the moment at which an endpoint comes to a state. */
  | { readonly kind: 'run-to'; readonly filter: string }
  | { readonly kind: 'run-to'; readonly state: TcpState; readonly host?: string }
  /** To the question of that number; without an answer the run goes on all the same. */
  | { readonly kind: 'answer'; readonly number: number; readonly answer?: string };

/** A moment of a run: where it is, what the engine looked like, and what has just happened, in words. */
export interface RunMoment {
  readonly position: Position;
  /** Of the step looked at, or of the nearest known before it where the recording had to let some go. */
  readonly snapshot: EngineSnapshot;
  readonly happened: readonly string[];
}

/** A segment of an engine's run: the line of the script behind it, and the step that put it on its link. */
export interface ShownSegment extends SegmentRow {
  readonly line?: number;
  readonly step?: number;
}

/** The engine that lives in the window: an echo server and client on a cable, paced by the wall clock. */
export interface EngineView {
  readonly session: SessionId;
  readonly running: boolean;
  /** Virtual seconds per real second. */
  readonly speed: number;
  readonly snapshot: EngineSnapshot;
}

/** What is wrong with a display filter, and where: line and column from 1, places in the text from 0. */
export interface FilterFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly at: number;
  readonly end: number;
}

/** One way a display filter may go on; `about` has the type of a field, and what it says. */
export interface FilterCompletion {
  readonly text: string;
  readonly kind: 'field' | 'operator' | 'value' | 'function';
  readonly about: string;
}

/** How far a display filter has come with a session, and what it let pass. */
export interface FilterProgress {
  /** Segments that pass so far, of those looked at. */
  readonly segments: number;
  readonly scanned: number;
  readonly total: number;
  /** Connections with such a segment, as they were found, from the one asked for on; and how many there are in all. */
  readonly connections: readonly number[];
  readonly found: number;
}

/** A piece of what one side of a connection said, in order; or how many octets of it are not in the capture. */
export type SaidPiece =
  | { readonly kind: 'octets'; readonly from: 'client' | 'server'; readonly frame: number; readonly octets: Uint8Array }
  | { readonly kind: 'missing'; readonly from: 'client' | 'server'; readonly frame: number; readonly count: number };

/** One packet of a session: its octets, as far as they were captured, and every field of the display filter it has. */
export interface PacketView {
  readonly frame: number;
  readonly octets: Uint8Array;
  /** Octets on the wire. */
  readonly original: number;
  readonly fields: readonly {
    readonly name: string;
    readonly title: string;
    readonly value: string;
    /** The display filter that it passes by this value. */
    readonly filter?: string;
  }[];
  /** Where it brought the last fragment of IP datagrams, the outermost first: the packets that brought them, and what they carry. */
  readonly reassembled: readonly { readonly frames: readonly number[]; readonly octets: Uint8Array }[];
}

export interface LabRequests {
  about(input: Record<string, never>): Promise<{ readonly version: string; readonly platform: string; readonly labTypes: string }>;
  sessions(input: Record<string, never>): Promise<readonly Session[]>;
  listInterfaces(input: Record<string, never>): Promise<Result<readonly InterfaceInfo[], WorkbenchError>>;
  startCapture(input: CaptureOptions): Promise<Result<Session, WorkbenchError>>;
  stopCapture(input: { readonly session: SessionId }): Promise<Result<Session, WorkbenchError>>;
  /** Opens a saved capture (pcap, pcapng, gzip of either) from its octets. */
  openCapture(input: { readonly name: string; readonly octets: Uint8Array }): Promise<Result<Session, WorkbenchError>>;
  /** The capture file of a session, pcapng unless it was opened from another kind, from an octet on. */
  captureOctets(input: {
    readonly session: SessionId;
    readonly from: number;
    readonly most: number;
  }): Promise<Result<SavedOctets, WorkbenchError>>;
  /** Captures that a Workbench left behind when it crashed, the latest first. */
  leftCaptures(input: Record<string, never>): Promise<readonly LeftCapture[]>;
  openLeft(input: { readonly id: string }): Promise<Result<Session, WorkbenchError>>;
  /** Deletes one for good. */
  discardLeft(input: { readonly id: string }): Promise<Result<null, WorkbenchError>>;
  closeSession(input: { readonly session: SessionId }): Promise<Result<null, WorkbenchError>>;
  connections(input: {
    readonly session: SessionId;
    readonly from: number;
    readonly count: number;
  }): Promise<Result<{ readonly total: number; readonly records: readonly ConnectionRecord[] }, WorkbenchError>>;
  segments(input: {
    readonly session: SessionId;
    readonly connection: number;
    readonly from: number;
    readonly count: number;
    /** Only those that pass a display filter. They are known once `filter` has come so far. */
    readonly filter?: string;
  }): Promise<Result<{ readonly total: number; readonly rows: readonly ShownSegment[] }, WorkbenchError>>;
  /** Compares a session with another capture of the same connections; again, where both have grown. A file is read to its end first. */
  compareCaptures(input: { readonly session: SessionId; readonly with: SessionId }): Promise<Result<CaptureComparison, WorkbenchError>>;
  /** The connections in both, in order, after the first `known`; as many as a moment's work tells. Ask until all are known. */
  comparedConnections(input: {
    readonly session: SessionId;
    readonly known: number;
  }): Promise<Result<readonly ComparedConnection[], WorkbenchError>>;
  /** A connection in both captures, as one story. */
  comparedSegments(input: {
    readonly session: SessionId;
    readonly connection: number;
    readonly from: number;
    readonly count: number;
    /** Only segments that pass a display filter in either capture. */
    readonly filter?: string;
  }): Promise<Result<ComparedPage, WorkbenchError>>;
  endComparison(input: { readonly session: SessionId }): Promise<Result<null, WorkbenchError>>;
  /** What a colleague would say of a connection, the gravest first. */
  findings(input: { readonly session: SessionId; readonly connection: number }): Promise<Result<readonly Finding[], WorkbenchError>>;
  /** What connections show of the listeners they were opened to; at most `most`, those that listen and the busiest first. */
  listeners(input: { readonly session: SessionId; readonly most: number }): Promise<Result<ListenersReport, WorkbenchError>>;
  /** What is wrong in a capture. */
  captureFindings(input: { readonly session: SessionId }): Promise<Result<CaptureFindings, WorkbenchError>>;
  /** Reads a display filter: what is wrong with it, and how the word at the cursor may go on. */
  readFilter(input: { readonly text: string; readonly cursor: number }): Promise<{
    readonly fault?: FilterFault;
    /** The part of the text a completion replaces. */
    readonly from: number;
    readonly to: number;
    readonly completions: readonly FilterCompletion[];
  }>;
  /** Puts a display filter to work on a session for a moment, and tells how far it is. Whoever stops asking has cancelled it. */
  filter(input: {
    readonly session: SessionId;
    readonly text: string;
    /** Connections known from earlier answers. */
    readonly known: number;
  }): Promise<Result<FilterProgress, WorkbenchError>>;
  packet(input: { readonly session: SessionId; readonly frame: number }): Promise<Result<PacketView, WorkbenchError>>;
  /** What both sides of a connection said, after the first `skip` octets and up to `most`; each octet once, in order. */
  follow(input: {
    readonly session: SessionId;
    readonly connection: number;
    readonly skip: number;
    readonly most: number;
  }): Promise<Result<{ readonly pieces: readonly SaidPiece[]; readonly more: boolean }, WorkbenchError>>;
  /** The TCP sockets of this machine's own kernel as they stand now. */
  kernelSockets(input: KernelSocketsAsked): Promise<Result<KernelSocketsReport, WorkbenchError>>;
  lessons(input: Record<string, never>): Promise<readonly LessonInfo[]>;
  templates(input: Record<string, never>): Promise<readonly Template[]>;
  /** Reads a packetdrill script of up to 128 KiB, without running it: what is wrong with it, as far as can be told. */
  readPacketdrill(input: { readonly source: string }): Promise<readonly ScriptProblem[]>;
  /** The words of packetdrill's language that are known here. */
  packetdrillWords(input: Record<string, never>): Promise<Reference>;
  /** Starts a script; what it says arrives on the stream `experiment`, its segments in the session named here. */
  runExperiment(input: ExperimentOptions): Promise<Result<{ readonly run: RunId; readonly session: SessionId }, WorkbenchError>>;
  controlRun(input: { readonly session: SessionId; readonly command: RunCommand }): Promise<Result<RunMoment, WorkbenchError>>;
  /** What a run's engine looked like all along, in at most `most` moments: its listeners, and the two ends given. */
  runHistory(input: {
    readonly session: SessionId;
    readonly ends: readonly Endpoint[];
    readonly most: number;
  }): Promise<Result<readonly EngineSnapshot[], WorkbenchError>>;
  /** Where two runs first differ; null when the same happened at the same times. */
  compareRuns(input: { readonly first: SessionId; readonly second: SessionId }): Promise<Result<Difference | null, WorkbenchError>>;
  stopExperiment(input: { readonly run: RunId }): Promise<Result<null, WorkbenchError>>;
  engine(input: {
    readonly action: 'show' | 'play' | 'pause' | 'step' | 'restart';
    readonly speed?: number;
  }): Promise<Result<EngineView, WorkbenchError>>;
}

/** What the Workbench tells without being asked; at most 30 times a second for each stream. */
export interface LabStreams {
  readonly sessions: { readonly changed: readonly Session[]; readonly closed: readonly SessionId[] };
  readonly connections: { readonly session: SessionId; readonly total: number; readonly changed: readonly ConnectionRecord[] };
  readonly engine: EngineView;
  readonly experiment: {
    readonly run: RunId;
    readonly events: readonly ExperimentEvent[];
    /** The engine after the last event, for the queues. */
    readonly snapshot?: EngineSnapshot;
    /** Where the run is, or which of its moments is looked at. */
    readonly position?: Position;
    /** Present once, when the run is over. */
    readonly report?: ExperimentReport;
  };
}

export type RequestName = keyof LabRequests;
export type RequestInput<K extends RequestName> = Parameters<LabRequests[K]>[0];
export type RequestOutput<K extends RequestName> = Awaited<ReturnType<LabRequests[K]>>;
export type StreamName = keyof LabStreams;

/** What a window holds: the same over Electron's bridge and over the served door's socket. */
export interface LabClient {
  /** Rejects with an Error only when the Workbench is gone or refuses the message itself. */
  request<K extends RequestName>(name: K, input: RequestInput<K>): Promise<RequestOutput<K>>;
  /** Returns the call that ends the subscription. */
  subscribe<K extends StreamName>(name: K, listener: (message: LabStreams[K]) => void): () => void;
  /** Told once at once and at every change: whether the Workbench still answers. */
  onLink(listener: (link: 'up' | 'down') => void): () => void;
}

/** Every request by name, so that a door can refuse a name that is not one. */
export type RequestNames = { readonly [K in RequestName]: true };
