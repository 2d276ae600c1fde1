import type { Endpoint } from '../main/analysis/record.ts';
import type { TcpState } from '../main/tcp-model/states.ts';

/** Who has a socket: a process, a queue of its listener, or nobody any more: the kernel closes it in its own time. */
export type SocketHolder = 'process' | 'syn-queue' | 'accept-queue' | 'kernel';

export type SocketTimer = 'retransmission' | 'syn-ack' | 'keep-alive' | 'fin-wait-2' | 'time-wait' | 'persist' | 'unknown';

/** Connections that wait at a listener. */
export interface ListenerQueues {
  /** Established, waiting for accept. The kernel holds one more than the backlog; `backlog` is absent where it does not tell. */
  readonly accept: { readonly length: number; readonly backlog?: number };
  /** Half-open. `shared`: with other listeners on the same address and port, and the kernel does not tell whose is which. */
  readonly syn: { readonly length: number; readonly shared: boolean };
  /** Segments that it dropped: those there was no room for, and what came again for a half-open connection; absent where the kernel does not tell. */
  readonly drops?: number;
}

/** A TCP socket of the real kernel as it stands now. Octets, unless said otherwise; what the kernel does not tell is absent. */
export interface KernelSocketRecord {
  /** No other socket has it, until the machine starts anew. */
  readonly id: string;
  readonly state: TcpState;
  readonly family: 4 | 6;
  readonly local: Endpoint;
  /** Absent for a listener, and for a socket that is bound only. */
  readonly remote?: Endpoint;
  /** The interface that the socket is bound to. */
  readonly interface?: string;
  /** IPv6 alone, where its address would take IPv4, too. */
  readonly v6Only?: boolean;
  readonly holder: SocketHolder;
  /** The processes that hold it; empty where they cannot be seen. */
  readonly owners: readonly { readonly pid: number; readonly process: string }[];
  /** Who opened it; absent where no process holds it, for then the kernel does not tell. */
  readonly uid?: number;
  readonly user?: string;
  /** Of its file; 0 where no process holds it. */
  readonly inode: number;
  readonly listener?: ListenerQueues;
  /** Octets between send and the peer's acknowledgement, and those of them not sent yet. */
  readonly sendQueue?: { readonly length: number; readonly unsent?: number };
  /** Octets that wait for recv. */
  readonly receiveQueue?: { readonly length: number };
  /** `left`: milliseconds until it expires; `tries`: how often what it is for was done. */
  readonly timer?: { readonly kind: SocketTimer; readonly left: number; readonly tries: number };
  readonly congestion?: {
    readonly algorithm: string;
    readonly state?: 'open' | 'disorder' | 'cwr' | 'recovery' | 'loss';
    /** What BBR, DCTCP and Vegas tell of themselves, by Linux's names; gains in 256ths, times in microseconds. */
    readonly details?: Readonly<Record<string, number>>;
  };
  /** `struct tcp_info` by Linux's names: times in microseconds, `tcpi_last_` in milliseconds, rates in octets a second, windows of congestion in segments. */
  readonly tcpInfo?: Readonly<Record<string, number>>;
  /** With the kernel's own bookkeeping, so more than the octets that wait (skmem of ss). */
  readonly memory?: {
    readonly receive: number;
    readonly receiveLimit: number;
    readonly send: number;
    readonly sendLimit: number;
    readonly forward: number;
    readonly queued: number;
    readonly options: number;
    readonly backlog: number;
    /** Packets. */
    readonly drops: number;
  };
  /** Directions that are shut: it receives no more, it sends no more. */
  readonly shutdown?: { readonly receive: boolean; readonly send: boolean };
  readonly tos?: number;
  readonly trafficClass?: number;
  readonly mark?: number;
  readonly cgroup?: string;
}

export interface KernelSocketsAsked {
  /** Every state where there is none. */
  readonly states?: readonly TcpState[];
  /** Words, each of which is in an end, the state, an owner or the user. */
  readonly search?: string;
  /** Either end of this connection alone, and the listeners that take connections to them. */
  readonly between?: readonly [Endpoint, Endpoint];
  /** Sockets told of at most. */
  readonly most?: number;
}

/** The TCP sockets of this network namespace, and what about them could not be told. */
export interface KernelSocketsReport {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly source: 'sock_diag' | 'proc';
  /** How many sockets were asked for; fewer may be told of. */
  readonly total: number;
  /** How many there are in each state, whatever was asked for; for one connection only what is at its ports. */
  readonly states: Readonly<Partial<Record<TcpState, number>>>;
  readonly sockets: readonly KernelSocketRecord[];
  /** What is missing, and why; each a sentence. */
  readonly gaps: readonly SocketsGap[];
}

export type SocketsGap =
  /** The kernel would not tell through sock_diag, and /proc/net/tcp knows no backlogs, tcp_info, memory and more. */
  | { readonly kind: 'no-sock-diag'; readonly why: string }
  /** Sockets whose owners are not seen: processes this user may not look into, or with none of those, ones that /proc does not show here. */
  | { readonly kind: 'hidden-owners'; readonly sockets: number; readonly processes: number }
  /** The list changed while it was read: some may be missing, or told of twice. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'unreadable'; readonly messages: number };
