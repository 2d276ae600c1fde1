import type { EngineSnapshot } from '../../engine/snapshot.ts';
import type { TcpState } from '../../tcp-model/states.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import type { Result } from '../../wire/result.ts';
import type { SocketCall } from '../lab/calls.ts';
import type { Injection } from '../lab/requests.ts';
import type { Connection, Datagram, LinkOptions, Queues, Route, Segment, SocketAddress, Sysctls } from '../lab/values.ts';
import type { RunRecorder, ScriptRequest } from '../stepping/run-recorder.ts';
import type { LiveTap } from './kernel/live-tap.ts';

/**
 * Where an experiment runs: the engine in virtual time, or a real kernel. The lab API is the same on both; what differs
 * is behind this interface.
 */
export interface Target {
  readonly kind: 'engine' | 'kernel';
  /** Nanoseconds since the run began. */
  now(): number;
  /** Lets the next thing happen; false when nothing will ever happen again by itself. */
  advance(): Promise<boolean> | boolean;
  /** Does `action` so many nanoseconds from now. */
  after(nanoseconds: number, action: () => void): void;
  host(settings: HostSettings): Result<TargetHost, Refusal>;
  link(a: TargetHost, b: TargetHost, settings: LinkSettings): Result<TargetLink, Refusal>;
  /** Serves a request of the script as a step of its own, where steps are written down. */
  step?<T>(request: ScriptRequest, serve: () => T): T;
  /** A call has returned. */
  returned?(process: string, text: string, line: number | undefined): void;
  /** Everything inside, where the target can be looked into. */
  snapshot?(): EngineSnapshot;
  /** Why `advance` says that nothing will happen again, where there is more to say. */
  readonly stillBecause?: string | undefined;
  /** Hands over the last frames and lets go of what the run has used. */
  close(): Promise<void> | void;
}

export interface HostSettings {
  readonly name: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly routes: readonly Route[];
  readonly sysctls: Sysctls;
}

/** Something the target cannot do, or was asked wrongly; the message says what would be right. */
export interface Refusal {
  readonly message: string;
}

export interface TargetOptions {
  readonly seed: number;
  /** Everything put on any link, as it happens. Interfaces are numbered as links are made. */
  readonly onFrames: (batch: FrameBatch) => void;
  /** Writes the run down, step by step; the engine's only. */
  readonly recorder?: RunRecorder | undefined;
  /** Shows the real segments; the kernel's only. */
  readonly tap?: LiveTap | undefined;
}

/** Whose program it is; root with umask 022 where nothing else is said. */
export interface Credentials {
  readonly uid?: number;
  readonly umask?: number;
}

export interface TargetHost {
  readonly name: string;
  readonly addresses: readonly string[];
  process(name: string, credentials: Credentials): Result<TargetProcess, Refusal>;
  sysctl(name: string): Result<number | readonly number[] | string, Refusal>;
  setSysctl(name: string, value: number | readonly number[] | string): Result<null, Refusal>;
  route(route: Route): Result<null, Refusal>;
  counters(): Readonly<Record<string, number>>;
  connections(): readonly Connection[];
}

/** The answer of a system call: C's return value, or what C returns through a pointer. */
export type CallValue =
  | null
  | number
  | boolean
  | string
  | Uint8Array
  | SocketAddress
  | ReceivedValue
  | readonly number[]
  | readonly ReadyValue[]
  | { readonly onoff: boolean; readonly linger: number };

export interface ReceivedValue {
  readonly octets: Uint8Array;
  /** Octets of the whole message, also those cut off. */
  readonly length: number;
  readonly from?: SocketAddress | undefined;
}

/** A descriptor about which poll or epoll has something to tell. */
export interface ReadyValue {
  readonly fd: number;
  readonly events: number;
}

export interface CallFailure {
  readonly errno: string;
  readonly because?: string | undefined;
}

export interface TargetProcess {
  readonly name: string;
  readonly host: TargetHost;
  /** `done` may be told before this returns. A call that blocks tells it when the target has gone on far enough. */
  call(call: SocketCall, done: (result: Result<CallValue, CallFailure>) => void): void;
  /** The socket that `fd` names, or named last; undefined when there never was one. */
  socket(fd: number): SocketView | undefined;
}

export interface SocketView {
  readonly state: TcpState;
  readonly history: readonly TcpState[];
  readonly queues: Queues;
  readonly tcpInfo: Readonly<Record<string, number>>;
}

/** Spans of time in nanoseconds. */
export type LinkSettings = LinkOptions;

/** `time` in nanoseconds. */
export type SegmentView = Segment;

/** `time` in nanoseconds. */
export type DatagramView = Datagram;

export interface TargetLink {
  segments(): readonly SegmentView[];
  datagrams(): readonly DatagramView[];
  set(settings: LinkSettings): Result<null, Refusal>;
  /** Asked about every segment from now on; a number holds it back that many nanoseconds. Undefined ends it. */
  intercept(judge: ((segment: SegmentView) => 'pass' | 'drop' | number) | undefined): Result<null, Refusal>;
  /** Puts a segment made by hand on the link, towards the end that has its destination. */
  inject(segment: Injection): Result<null, Refusal>;
  /** Puts the segment of that number on the link once more. */
  replay(number: number): Result<null, Refusal>;
}
