import type { EngineSnapshot } from '../../engine/snapshot.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import type { Result } from '../../wire/result.ts';
import type { SocketCall } from '../lab/calls.ts';
import type { Injection } from '../lab/requests.ts';

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
  /** Everything inside, where the target can be looked into. */
  snapshot?(): EngineSnapshot;
  /** Hands over the last frames and lets go of what the run has used. */
  close(): void;
}

export interface HostSettings {
  readonly name: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly routes: readonly RouteValue[];
  readonly sysctls: SysctlValues;
}

/** `to` is a network with prefix length, or 'default'; `via` the router's address. */
export interface RouteValue {
  readonly to: string;
  readonly via: string;
}

/** Something the target cannot do, or was asked wrongly; the message says what would be right. */
export interface Refusal {
  readonly message: string;
}

export type SysctlValues = Readonly<Record<string, number | readonly number[] | string>>;

export interface TargetOptions {
  readonly seed: number;
  /** Everything put on any link, as it happens. Interfaces are numbered as links are made. */
  readonly onFrames: (batch: FrameBatch) => void;
}

export interface TargetHost {
  readonly name: string;
  readonly addresses: readonly string[];
  process(name: string): TargetProcess;
  sysctl(name: string): Result<number | readonly number[] | string, Refusal>;
  setSysctl(name: string, value: number | readonly number[] | string): Result<null, Refusal>;
  route(route: RouteValue): Result<null, Refusal>;
  counters(): Readonly<Record<string, number>>;
  connections(): readonly ConnectionView[];
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

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface SocketView {
  readonly state: string;
  readonly history: readonly string[];
  readonly queues: {
    readonly syn: readonly QueuedView[];
    readonly accept: readonly QueuedView[];
    readonly backlog: number;
    readonly send: number;
    readonly receive: number;
    readonly outOfOrder: number;
  };
  readonly tcpInfo: Readonly<Record<string, number>>;
}

export interface QueuedView {
  readonly remote: SocketAddress;
  readonly state: string;
  readonly receive: number;
}

export interface ConnectionView {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly state: string;
  readonly history: readonly string[];
}

/** Spans of time in nanoseconds. */
export interface LinkSettings {
  readonly delay?: number;
  readonly jitter?: number;
  readonly loss?: number;
  readonly duplication?: number;
  readonly corruption?: number;
  readonly reordering?: number;
  readonly reorderBy?: number;
  readonly marking?: number;
  readonly queue?: number;
  readonly rate?: number;
  readonly mtu?: number;
}

export interface TargetLink {
  segments(): readonly SegmentView[];
  set(settings: LinkSettings): Result<null, Refusal>;
  /** Asked about every segment from now on; a number holds it back that many nanoseconds. Undefined ends it. */
  intercept(judge: ((segment: SegmentView) => 'pass' | 'drop' | number) | undefined): Result<null, Refusal>;
  /** Puts a segment made by hand on the link, towards the end that has its destination. */
  inject(segment: Injection): Result<null, Refusal>;
  /** Puts the segment of that number on the link once more. */
  replay(number: number): Result<null, Refusal>;
}

/** One segment as a script sees it; `lab.d.ts` says what each field means. Times in nanoseconds here. */
export interface SegmentView {
  readonly number: number;
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly flags: string;
  readonly seq: number;
  readonly ack: number;
  readonly relativeSeq: number;
  readonly relativeAck: number;
  readonly length: number;
  readonly window: number;
  readonly urgent: number;
  readonly cause?: string;
  readonly options: {
    readonly mss?: number;
    readonly windowScale?: number;
    readonly sackPermitted?: boolean;
    readonly timestamps?: { readonly value: number; readonly echo: number };
    readonly sack?: readonly { readonly left: number; readonly right: number }[];
    readonly fastOpen?: string;
  };
  readonly lost: boolean;
}
