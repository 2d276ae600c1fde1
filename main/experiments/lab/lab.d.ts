/**
 * The laboratory as a script sees it. These names are there without import; nothing else of the computer is.
 * Every time and span of time is in seconds: `sleep(0.5)`, `{ delay: ms(20) }`.
 */

/** The eleven states of RFC 9293 §3.3.2. */
type TcpState =
  | 'CLOSED'
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

/** A file descriptor: the number by which a process calls its socket. */
type Fd = number;

interface SocketAddress {
  /** `'10.0.0.2'`, or `INADDR_ANY`. */
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** What may befall a segment under way; the same in both directions. */
interface LinkOptions {
  /** One way, in seconds. */
  readonly delay?: number;
  /** Added to the delay of each segment at random, up to this many seconds. */
  readonly jitter?: number;
  /** Probability, 0 to 1, that a segment is lost. */
  readonly loss?: number;
  /** Probability, 0 to 1, that a segment arrives twice. */
  readonly duplication?: number;
  /** Probability, 0 to 1, that a segment is overtaken by later ones. */
  readonly reordering?: number;
  /** Bits per second; without it there is no limit. */
  readonly rate?: number;
  /** Octets of the largest IP packet. 1500 unless given. */
  readonly mtu?: number;
}

/** The kernel's tunables by their Linux names, such as `'net.ipv4.tcp_syn_retries'`. */
type Sysctls = Readonly<Record<string, number | readonly number[] | string>>;

interface HostOptions {
  /** Addresses with prefix length: `['10.0.0.1/24']`. */
  readonly addresses: readonly string[];
  readonly sysctls?: Sysctls;
}

interface TwoHostsOptions extends LinkOptions {
  /** Tunables of the client's host. */
  readonly client?: Sysctls;
  /** Tunables of the server's host. */
  readonly server?: Sysctls;
}

interface TwoHosts {
  /** A process on the host `client`, 10.0.0.1. */
  readonly client: Process;
  /** A process on the host `server`, 10.0.0.2. */
  readonly server: Process;
  /** The cable between them. */
  readonly link: Link;
}

interface Lab {
  /** Two hosts on one cable, with a process on each: client 10.0.0.1, server 10.0.0.2. */
  twoHosts(options?: TwoHostsOptions): TwoHosts;
  /** A host of its own. Join it to another with `link`. */
  host(name: string, options: HostOptions): Host;
  /** A cable between two hosts. */
  link(a: Host, b: Host, options?: LinkOptions): Link;
  /**
   * Starts a program that runs beside the script, such as a server's loop. The run does not wait for it, but fails
   * when it fails. Await what it returns to wait for its end.
   */
  start<T>(name: string, program: () => Promise<T>): Promise<T>;
  /** The seed of this run: the same seed repeats it exactly. */
  readonly seed: number;
  /** Chance from the seed: a number from 0 up to but not including 1. `Math.random` is the same. */
  random(): number;
  /** A named value that whoever starts the run may set; otherwise the default. */
  parameter<T extends string | number | boolean>(name: string, otherwise: T): T;
}

declare const lab: Lab;

interface Host {
  readonly name: string;
  /** Without prefix length. */
  readonly addresses: readonly string[];
  /** Starts a process: whatever calls sockets is one. */
  process(name: string): Process;
  /** Reads a tunable. */
  sysctl(name: string): number | readonly number[] | string;
  /** Sets a tunable; it holds for what happens from now on. */
  sysctl(name: string, value: number | readonly number[] | string): void;
  /** The MIB counters as in /proc/net/snmp and /proc/net/netstat, by name: `counters().ListenOverflows`. */
  counters(): Readonly<Record<string, number>>;
  /** Every connection this host has had, also those that no process has accepted yet and those already over. */
  connections(): readonly Connection[];
}

/** One end of a connection, observed. */
interface Connection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly state: TcpState;
  /** Every state this end has been in, in order. */
  readonly history: readonly TcpState[];
}

/** The options of `getsockopt` and `setsockopt`, with the type of their values. */
interface SocketOptions {
  /** The errno of a failed connection, told once; empty when there was none. */
  readonly SO_ERROR: string;
  readonly SO_LINGER: { readonly onoff: boolean; readonly linger: number };
  readonly SO_RCVBUF: number;
  readonly SO_REUSEADDR: boolean;
  readonly SO_SNDBUF: number;
  readonly TCP_MAXSEG: number;
  readonly TCP_NODELAY: boolean;
}
type SocketOption = keyof SocketOptions;
type SettableOption = Exclude<SocketOption, 'SO_ERROR'>;

/**
 * A program with its file descriptors. The calls have POSIX names, arguments and results; a call that blocks is a promise
 * that waits, and a failing call throws `SystemError` with the `errno`. What C returns through a pointer is returned.
 */
interface Process {
  readonly name: string;
  readonly host: Host;

  /** `socket(2)`: a socket in state CLOSED. */
  socket(domain: typeof AF_INET | typeof AF_INET6, type: typeof SOCK_STREAM, protocol?: 0): Promise<Fd>;
  /** `bind(2)`: gives the socket its own address and port. */
  bind(fd: Fd, address: SocketAddress): Promise<void>;
  /** `listen(2)`: the passive open, CLOSED > LISTEN. `backlog` bounds the queue of connections that wait for `accept`. */
  listen(fd: Fd, backlog?: number): Promise<void>;
  /** `accept(2)`: takes the oldest connection out of the accept queue, waiting for one when it is empty. */
  accept(fd: Fd): Promise<Fd>;
  /** `connect(2)`: the active open, CLOSED > SYN-SENT. Returns once the connection is established. */
  connect(fd: Fd, address: SocketAddress): Promise<void>;
  /** `send(2)`: returns how many octets the send queue took; waits while it is full. */
  send(fd: Fd, data: string | Uint8Array, flags?: number): Promise<number>;
  /** `recv(2)`: up to `length` octets; waits while there are none. An empty result is the end: the peer sent FIN. */
  recv(fd: Fd, length: number, flags?: number): Promise<Uint8Array>;
  /** `shutdown(2)`: ends one direction (`SHUT_WR` sends FIN) or both, and keeps the descriptor. */
  shutdown(fd: Fd, how: typeof SHUT_RD | typeof SHUT_WR | typeof SHUT_RDWR): Promise<void>;
  /** `close(2)`: gives the descriptor back. The connection goes on closing by itself. */
  close(fd: Fd): Promise<void>;
  setsockopt<O extends SettableOption>(
    fd: Fd,
    level: typeof SOL_SOCKET | typeof IPPROTO_TCP,
    option: O,
    value: SocketOptions[O],
  ): Promise<void>;
  getsockopt<O extends SocketOption>(fd: Fd, level: typeof SOL_SOCKET | typeof IPPROTO_TCP, option: O): Promise<SocketOptions[O]>;
  /** `getsockname(2)`: the socket's own address and port. */
  getsockname(fd: Fd): Promise<SocketAddress>;
  /** `getpeername(2)`: the other end's address and port. */
  getpeername(fd: Fd): Promise<SocketAddress>;
  /** Ends the process: every descriptor is closed, as the kernel does. */
  exit(): Promise<void>;

  /** The state of the socket that `fd` names, or named last before it was closed. Looking changes nothing. */
  state(fd: Fd): TcpState;
  /** Every state of that socket, in order. A connection that came through a listener begins in LISTEN. */
  history(fd: Fd): readonly TcpState[];
  /** What waits in the socket's queues now. */
  queues(fd: Fd): Queues;
  /** The fields of Linux's `struct tcp_info` that the target knows. */
  tcpInfo(fd: Fd): Readonly<Record<string, number>>;
  /** Waits until the socket is in this state. */
  until(fd: Fd, state: TcpState, options?: { readonly within?: number }): Promise<void>;
}

/** The queues of a listener (`syn`, `accept`) or of a connection (`send`, `receive`). */
interface Queues {
  /** Connections that have sent SYN and wait for the third segment. */
  readonly syn: readonly QueuedConnection[];
  /** Established connections that wait for `accept`, oldest first. */
  readonly accept: readonly QueuedConnection[];
  /** How many connections the accept queue may hold: the smaller of `backlog` and somaxconn. */
  readonly backlog: number;
  /** Octets the process has sent and the peer has not acknowledged. */
  readonly send: number;
  /** Octets that have arrived in order and wait for `recv`. */
  readonly receive: number;
  /** Octets that have arrived behind a gap. */
  readonly outOfOrder: number;
}

interface QueuedConnection {
  readonly remote: SocketAddress;
  readonly state: TcpState;
  /** Octets that can be read at once. */
  readonly receive: number;
}

/** A TCP segment as it was put on the link. */
interface Segment {
  /** Its place on this link, from 1. */
  readonly number: number;
  /** When it was put on the link. */
  readonly time: number;
  /** Name of the host that sent it. */
  readonly from: string;
  /** Name of the host at the other end. */
  readonly to: string;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  /** The control bits in the order of the header, such as `'SYN'`, `'SYN,ACK'`, `'PSH,ACK'`, `'FIN,ACK'`. */
  readonly flags: string;
  /** The sequence number on the wire. */
  readonly seq: number;
  /** The acknowledgment number on the wire; meaningless without ACK. */
  readonly ack: number;
  /** Counted from the sender's initial sequence number, as tools show it: the SYN is 0. */
  readonly relativeSeq: number;
  /** Counted from the other side's initial sequence number. */
  readonly relativeAck: number;
  /** Octets of data. */
  readonly length: number;
  /** The 16 bits of the header, before scaling. */
  readonly window: number;
  readonly options: SegmentOptions;
  /** Lost on the link: by chance, by a rule of the script, or because its queue was full. */
  readonly lost: boolean;
}

interface SegmentOptions {
  readonly mss?: number;
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  readonly timestamps?: { readonly value: number; readonly echo: number };
  readonly sack?: readonly { readonly left: number; readonly right: number }[];
}

interface Link {
  /** Every segment put on the link so far, in order. */
  segments(): readonly Segment[];
  /** Loses each segment from now on for which `which` says true. */
  drop(which: (segment: Segment) => boolean): void;
  /** Holds back each segment from now on for which `which` says true; others overtake it. */
  hold(which: (segment: Segment) => boolean, seconds: number): void;
  /** Ends every `drop` and `hold` on this link. */
  release(): void;
  /** Changes what befalls segments from now on. */
  set(options: LinkOptions): void;
}

/** Waits this long on the target's clock. On the engine that costs no real time. */
declare function sleep(seconds: number): Promise<void>;
/** Seconds on the target's clock since the run began. */
declare function now(): number;
/** Waits until the condition holds; it is looked at after everything that happens. Throws when `within` has passed. */
declare function until(condition: () => boolean, options?: { readonly within?: number; readonly what?: string }): Promise<void>;
/** Milliseconds in seconds: `ms(20)` is 0.02. */
declare function ms(milliseconds: number): number;

/** Octets as text (UTF-8). */
declare function text(octets: Uint8Array): string;
/** A text for the reader of the run: what to see here. */
declare function note(message: string): void;

/** What can be said about a value. Every matcher records a check; the script goes on after a failed one. */
interface Matchers<T> {
  /** The same value (`Object.is`). */
  toBe(expected: T): void;
  /** The same content, at every depth. */
  toEqual(expected: T): void;
  /** A text holds this part; a list holds an element of the same content. */
  toContain(expected: T extends readonly (infer E)[] ? E : T extends string ? string : never): void;
  toBeGreaterThan(bound: number): void;
  toBeLessThan(bound: number): void;
  /** Within `tolerance` on either side. */
  toBeCloseTo(expected: number, tolerance: number): void;
  /** A text or list of this length. */
  toHaveLength(expected: number): void;
  /** A promise that fails with this errno. Await it. */
  toFailWith(errno: string): Promise<void>;
  /** The opposite of the matcher that follows. */
  readonly not: Matchers<T>;
}

interface Expect {
  /** Checks what is so against what should be so. The description says what it means when it holds. */
  <T>(actual: T, description: string): Matchers<T>;
  /** Watches from here to the end of the run: the check fails as soon as the condition holds. */
  never(condition: () => boolean, description: string): void;
  /** Waits: the check fails when the condition does not come to hold within so many seconds. */
  within(seconds: number, condition: () => boolean, description: string): Promise<void>;
}

/** A check; the script goes on when it fails. */
declare const expect: Expect;
/** A check without which the rest makes no sense: the script ends when it fails. */
declare function must<T>(actual: T, description: string): Matchers<T>;

/** A system call that failed. */
declare class SystemError extends Error {
  /** Such as `'ECONNREFUSED'`. */
  readonly errno: string;
  /** The same, under the name Node uses. */
  readonly code: string;
  /** The call that failed, such as `'connect'`. */
  readonly syscall: string;
}

interface Console {
  log(...values: readonly unknown[]): void;
  info(...values: readonly unknown[]): void;
  warn(...values: readonly unknown[]): void;
}
declare const console: Console;

declare const AF_INET: 'AF_INET';
declare const AF_INET6: 'AF_INET6';
declare const SOCK_STREAM: 'SOCK_STREAM';
declare const SOL_SOCKET: 'SOL_SOCKET';
declare const IPPROTO_TCP: 'IPPROTO_TCP';
declare const SO_ERROR: 'SO_ERROR';
declare const SO_LINGER: 'SO_LINGER';
declare const SO_RCVBUF: 'SO_RCVBUF';
declare const SO_REUSEADDR: 'SO_REUSEADDR';
declare const SO_SNDBUF: 'SO_SNDBUF';
declare const TCP_MAXSEG: 'TCP_MAXSEG';
declare const TCP_NODELAY: 'TCP_NODELAY';
declare const SHUT_RD: 'SHUT_RD';
declare const SHUT_WR: 'SHUT_WR';
declare const SHUT_RDWR: 'SHUT_RDWR';
/** Flags of `send` and `recv`, to be joined with `|`. */
declare const MSG_PEEK: 0x02;
declare const MSG_DONTWAIT: 0x40;
declare const MSG_WAITALL: 0x100;
declare const MSG_NOSIGNAL: 0x4000;
declare const SOMAXCONN: 4096;
/** Every address of the host. */
declare const INADDR_ANY: '0.0.0.0';
