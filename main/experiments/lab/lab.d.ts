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

/** The address of an AF_UNIX socket. */
interface UnixAddress {
  /** `'/run/echo'`: what `unlink` takes away again. */
  readonly path: string;
}

interface HostOptions {
  /** Addresses with prefix length: `['10.0.0.1/24']`. */
  readonly addresses: readonly string[];
  /** Ways to networks that are not its own. A host with one link and no routes sends everything there. */
  readonly routes?: readonly Route[];
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
}

declare const lab: Lab;

/** Whose program it is, for the permissions of AF_UNIX. */
interface Credentials {
  /** 0, root, unless given. */
  readonly uid?: number;
  /** What a new file does not permit; 0o022 unless given. */
  readonly umask?: number;
}

interface Host {
  readonly name: string;
  /** Without prefix length. */
  readonly addresses: readonly string[];
  /** Starts a process: whatever calls sockets is one. */
  process(name: string, credentials?: Credentials): Process;
  /** Reads a tunable. */
  sysctl(name: string): number | readonly number[] | string;
  /** Sets a tunable; it holds for what happens from now on. */
  sysctl(name: string, value: number | readonly number[] | string): void;
  /** Adds a route. */
  route(route: Route): void;
  /** The MIB counters as in /proc/net/snmp and /proc/net/netstat, by name: `counters().ListenOverflows`. */
  counters(): Readonly<Record<string, number>>;
  /** Every connection this host has had, also those that no process has accepted yet and those already over. */
  connections(): readonly Connection[];
}

/** The options of `getsockopt`, with the type of their values (socket(7), ip(7), ipv6(7), tcp(7)). */
interface SocketOptions {
  /** 0 never sets DF, 1 leaves it to the path, 2 always sets it, 3 does and ignores the path's MTU. */
  readonly IP_MTU_DISCOVER: number;
  /** DSCP in the upper six bits (RFC 2474); ECN's two are TCP's own. */
  readonly IP_TOS: number;
  readonly IP_TTL: number;
  readonly IPV6_TCLASS: number;
  readonly IPV6_UNICAST_HOPS: number;
  readonly IPV6_V6ONLY: boolean;
  readonly SO_ACCEPTCONN: boolean;
  /** 1 AF_UNIX, 2 AF_INET, 10 AF_INET6. */
  readonly SO_DOMAIN: number;
  /** The errno of a failed connection, told once; empty when there was none. */
  readonly SO_ERROR: string;
  readonly SO_KEEPALIVE: boolean;
  readonly SO_LINGER: { readonly onoff: boolean; readonly linger: number };
  /** The urgent octet stays in the stream. */
  readonly SO_OOBINLINE: boolean;
  readonly SO_RCVBUF: number;
  readonly SO_RCVLOWAT: number;
  readonly SO_REUSEADDR: boolean;
  readonly SO_REUSEPORT: boolean;
  readonly SO_SNDBUF: number;
  /** 1 SOCK_STREAM, 2 SOCK_DGRAM. */
  readonly SO_TYPE: number;
  /** `'cubic'` or `'reno'`. */
  readonly TCP_CONGESTION: string;
  readonly TCP_CORK: boolean;
  /** Seconds. */
  readonly TCP_DEFER_ACCEPT: number;
  /** How many connections may be open by Fast Open before their handshake is over. */
  readonly TCP_FASTOPEN: number;
  readonly TCP_FASTOPEN_CONNECT: boolean;
  /** Read, the number of keys; set, 16 octets, or 32 with the key before. */
  readonly TCP_FASTOPEN_KEY: number;
  readonly TCP_FASTOPEN_NO_COOKIE: boolean;
  readonly TCP_KEEPCNT: number;
  /** Seconds. */
  readonly TCP_KEEPIDLE: number;
  /** Seconds. */
  readonly TCP_KEEPINTVL: number;
  /** Seconds in FIN-WAIT-2. */
  readonly TCP_LINGER2: number;
  readonly TCP_MAXSEG: number;
  readonly TCP_NODELAY: boolean;
  readonly TCP_NOTSENT_LOWAT: number;
  readonly TCP_QUICKACK: boolean;
  readonly TCP_SYNCNT: number;
  /** Milliseconds. */
  readonly TCP_USER_TIMEOUT: number;
  readonly TCP_WINDOW_CLAMP: number;
}
/** The options of `setsockopt`. */
interface SettableOptions extends Omit<SocketOptions, 'SO_ACCEPTCONN' | 'SO_DOMAIN' | 'SO_ERROR' | 'SO_TYPE' | 'TCP_FASTOPEN_KEY'> {
  readonly TCP_FASTOPEN_KEY: Uint8Array;
}
type OptionLevel = typeof SOL_SOCKET | typeof IPPROTO_TCP | typeof IPPROTO_IP | typeof IPPROTO_IPV6;

/** What `sendmsg` sends. */
interface MessageToSend {
  /** One message of a datagram socket, or one after the other on a stream. */
  readonly buffers: readonly (string | Uint8Array)[];
  /** Where to, for a socket that is not connected. */
  readonly to?: SocketAddress | UnixAddress;
}

interface ReceivedMessage {
  readonly data: Uint8Array;
  /** Octets the message had, also those for which there was no room. */
  readonly length: number;
  /** Who sent it; not on a stream. */
  readonly from?: SocketAddress;
}

interface PollEntry {
  readonly fd: Fd;
  /** `POLLIN`, `POLLOUT`, ... joined with `|`. */
  readonly events: number;
}

interface PollResult {
  readonly fd: Fd;
  readonly revents: number;
}

interface ReadyDescriptor {
  readonly fd: Fd;
  /** `EPOLLIN`, `EPOLLOUT`, ... joined with `|`. */
  readonly events: number;
}

/**
 * A program with its file descriptors. The calls have POSIX names, arguments and results; a call that blocks is a promise
 * that waits, and a failing call throws `SystemError` with the `errno`. What C returns through a pointer is returned.
 */
interface Process {
  readonly name: string;
  readonly host: Host;

  /** `socket(2)`: a socket in state CLOSED. */
  socket(
    domain: typeof AF_INET | typeof AF_INET6 | typeof AF_UNIX,
    type: typeof SOCK_STREAM | typeof SOCK_DGRAM,
    protocol?: 0,
  ): Promise<Fd>;
  /** `socketpair(2)`: two sockets joined to each other. */
  socketpair(domain: typeof AF_UNIX, type: typeof SOCK_STREAM | typeof SOCK_DGRAM, protocol?: 0): Promise<readonly [Fd, Fd]>;
  /** `bind(2)`: gives the socket its own address and port, or path. */
  bind(fd: Fd, address: SocketAddress | UnixAddress): Promise<void>;
  /** `listen(2)`: the passive open, CLOSED > LISTEN. `backlog` bounds the queue of connections that wait for `accept`. */
  listen(fd: Fd, backlog?: number): Promise<void>;
  /** `accept(2)`: takes the oldest connection out of the accept queue, waiting for one when it is empty. */
  accept(fd: Fd): Promise<Fd>;
  /** `connect(2)`: the active open, CLOSED > SYN-SENT. Returns once the connection is established. To `AF_UNSPEC` it takes the connection apart. */
  connect(fd: Fd, address: SocketAddress | UnixAddress | typeof AF_UNSPEC): Promise<void>;
  /** `send(2)`: returns how many octets the send queue took; waits while it is full. */
  send(fd: Fd, data: string | Uint8Array, flags?: number): Promise<number>;
  /** `sendto(2)`: a datagram to that address; with `MSG_FASTOPEN`, a SYN with data. */
  sendto(fd: Fd, data: string | Uint8Array, flags: number, address: SocketAddress | UnixAddress): Promise<number>;
  /** `sendmsg(2)`: several buffers at once. */
  sendmsg(fd: Fd, message: MessageToSend, flags?: number): Promise<number>;
  /** `recvfrom(2)`: as `recv`, with the sender of a datagram and the length it had. */
  recvfrom(fd: Fd, length: number, flags?: number): Promise<ReceivedMessage>;
  /** `recv(2)`: up to `length` octets; waits while there are none. An empty result is the end: the peer sent FIN. */
  recv(fd: Fd, length: number, flags?: number): Promise<Uint8Array>;
  /** `shutdown(2)`: ends one direction (`SHUT_WR` sends FIN) or both, and keeps the descriptor. */
  shutdown(fd: Fd, how: typeof SHUT_RD | typeof SHUT_WR | typeof SHUT_RDWR): Promise<void>;
  /** `close(2)`: gives the descriptor back. The connection goes on closing by itself. */
  close(fd: Fd): Promise<void>;
  /** `dup(2)`: another descriptor of the same socket; the connection closes with the last one. */
  dup(fd: Fd): Promise<Fd>;
  dup2(fd: Fd, other: Fd): Promise<Fd>;
  /** `fcntl(2)`: with `O_NONBLOCK` no call on the socket waits any more; they fail with EAGAIN or EINPROGRESS. */
  fcntl(fd: Fd, command: typeof F_SETFL, flags: number): Promise<void>;
  /**
   * `ioctl(2)`: octets that can be read (SIOCINQ), octets sent and not yet acknowledged (SIOCOUTQ), or 1 when the next
   * octet is the urgent one (SIOCATMARK).
   */
  ioctl(fd: Fd, request: typeof SIOCINQ | typeof SIOCOUTQ | typeof SIOCATMARK): Promise<number>;
  /** `poll(2)`: waits until something asked for is so, at most `timeout` seconds; without it, for ever. */
  poll(entries: readonly PollEntry[], timeout?: number): Promise<readonly PollResult[]>;
  /** `epoll_create(2)`: a set of descriptors to watch. */
  epoll_create(): Promise<Fd>;
  /** `epoll_ctl(2)`: `events` are joined with `|`, with `EPOLLET` to be told only of what is new. */
  epoll_ctl(epfd: Fd, op: typeof EPOLL_CTL_ADD | typeof EPOLL_CTL_MOD | typeof EPOLL_CTL_DEL, fd: Fd, events?: number): Promise<void>;
  /** `epoll_wait(2)`: up to `maxevents` descriptors with news; waits at most `timeout` seconds, without it for ever. */
  epoll_wait(epfd: Fd, maxevents: number, timeout?: number): Promise<readonly ReadyDescriptor[]>;
  /** `unlink(2)`: removes the file of an AF_UNIX socket, without which nobody can bind there again. */
  unlink(path: string): Promise<void>;
  setsockopt<O extends keyof SettableOptions>(fd: Fd, level: OptionLevel, option: O, value: SettableOptions[O]): Promise<void>;
  getsockopt<O extends keyof SocketOptions>(fd: Fd, level: OptionLevel, option: O): Promise<SocketOptions[O]>;
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
  /** The fields of Linux's `struct tcp_info` by name (`tcpi_rtt`, `tcpi_snd_cwnd`, ...), in Linux's units: times in microseconds, the `last_` ones in milliseconds. */
  tcpInfo(fd: Fd): Readonly<Record<string, number>>;
  /** Waits until the socket is in this state. */
  until(fd: Fd, state: TcpState, options?: { readonly within?: number }): Promise<void>;
}

/** A segment that no TCP sent. Numbers are those on the wire, or counted from the initial ones of the connection. */
interface HandMadeSegment {
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  /** As in `Segment`: `'RST'`, `'PSH,ACK'`. */
  readonly flags: string;
  /** 0 unless given. */
  readonly seq?: number;
  readonly ack?: number;
  /** Instead of `seq`: counted from the initial sequence number that `from` has used on this link. */
  readonly relativeSeq?: number;
  /** Instead of `ack`: counted from the initial sequence number that `to` has used on this link. */
  readonly relativeAck?: number;
  /** 65535 unless given. */
  readonly window?: number;
  readonly urgent?: number;
  readonly payload?: string | Uint8Array;
  readonly options?: SegmentOptions;
}

interface Link {
  /** Every segment put on the link so far, in order. */
  segments(): readonly Segment[];
  /** Every packet of UDP and ICMP put on the link so far, in order. */
  datagrams(): readonly Datagram[];
  /** Loses each segment from now on for which `which` says true. */
  drop(which: (segment: Segment) => boolean): void;
  /** Holds back each segment from now on for which `which` says true; others overtake it. */
  hold(which: (segment: Segment) => boolean, seconds: number): void;
  /** Ends every `drop` and `hold` on this link. */
  release(): void;
  /** Puts a segment made by hand on the link, towards the end that has its destination. It meets what befalls every segment. */
  inject(segment: HandMadeSegment): void;
  /** Puts a segment that was on this link before on it once more, octet for octet: an old duplicate. */
  replay(segment: Segment): void;
  /** Changes what befalls segments from now on. */
  set(options: LinkOptions): void;
}

/** Waits this long on the target's clock. On the engine that costs no real time. */
declare function sleep(seconds: number): Promise<void>;
/** Seconds on the target's clock since the run began. */
declare function now(): number;
/** Lets the next thing happen, or so many of them, and says when that was. What happens is the target's: a segment arrives, a timer fires. */
declare function advance(events?: number): Promise<number>;
/** Waits until the condition holds; it is looked at after everything that happens. Throws when `within` has passed. */
declare function until(condition: () => boolean, options?: { readonly within?: number; readonly what?: string }): Promise<void>;
/** Milliseconds in seconds: `ms(20)` is 0.02. */
declare function ms(milliseconds: number): number;

/** Octets as text (UTF-8). */
declare function text(octets: Uint8Array): string;
/** A text for the reader of the run: what to see here. */
declare function note(message: string): void;

/**
 * A named value that whoever starts the run may set (`tcpwb run --param NAME=VALUE`). Not set, it is drawn by the seed from
 * what `variation` allows, so that every seed gives a task of its own; without a variation, and with seed 1, it is the default.
 */
declare function param(name: string, otherwise: number, variation?: Variation<number>): number;
declare function param(name: string, otherwise: string, variation?: Variation<string>): string;
declare function param(name: string, otherwise: boolean, variation?: Variation<boolean>): boolean;

/** One of these, or a number in these bounds (both included) in steps of 1 unless given. */
type Variation<T> =
  | { readonly among: readonly T[] }
  | (T extends number ? { readonly from: number; readonly to: number; readonly step?: number } : never);

/**
 * Asks the reader what will happen, before it does; time stands still until the answer is there. Where nobody can be asked
 * it goes on without one. The report tells question, answer and truth; a wrong answer fails nothing.
 */
declare function predict(question: string, choices?: readonly (string | number)[]): Promise<Prediction>;

interface Prediction {
  /** Undefined when nobody answered. */
  readonly answer: string | undefined;
  /** Says how it was. */
  turnsOut(actual: string | number): void;
}

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
  /** Counts from here to the end of the run: exactly so many segments on the link for which `which` says true. */
  exactly(count: number, link: Link, which: (segment: Segment) => boolean, description: string): void;
}

/** A check; the script goes on when it fails. */
declare const expect: Expect;
/** A check without which the rest makes no sense: the script ends when it fails. */
declare const must: Expect;

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
declare const AF_UNSPEC: 'AF_UNSPEC';
declare const AF_UNIX: 'AF_UNIX';
declare const SOCK_STREAM: 'SOCK_STREAM';
declare const SOCK_DGRAM: 'SOCK_DGRAM';
declare const SOL_SOCKET: 'SOL_SOCKET';
declare const IPPROTO_TCP: 'IPPROTO_TCP';
declare const IPPROTO_IP: 'IPPROTO_IP';
declare const IPPROTO_IPV6: 'IPPROTO_IPV6';
declare const IP_MTU_DISCOVER: 'IP_MTU_DISCOVER';
declare const IP_TOS: 'IP_TOS';
declare const IP_TTL: 'IP_TTL';
declare const IPV6_TCLASS: 'IPV6_TCLASS';
declare const IPV6_UNICAST_HOPS: 'IPV6_UNICAST_HOPS';
declare const IPV6_V6ONLY: 'IPV6_V6ONLY';
declare const SO_ACCEPTCONN: 'SO_ACCEPTCONN';
declare const SO_DOMAIN: 'SO_DOMAIN';
declare const SO_ERROR: 'SO_ERROR';
declare const SO_KEEPALIVE: 'SO_KEEPALIVE';
declare const SO_LINGER: 'SO_LINGER';
declare const SO_OOBINLINE: 'SO_OOBINLINE';
declare const SO_RCVBUF: 'SO_RCVBUF';
declare const SO_RCVLOWAT: 'SO_RCVLOWAT';
declare const SO_REUSEADDR: 'SO_REUSEADDR';
declare const SO_REUSEPORT: 'SO_REUSEPORT';
declare const SO_SNDBUF: 'SO_SNDBUF';
declare const SO_TYPE: 'SO_TYPE';
declare const TCP_CONGESTION: 'TCP_CONGESTION';
declare const TCP_CORK: 'TCP_CORK';
declare const TCP_DEFER_ACCEPT: 'TCP_DEFER_ACCEPT';
declare const TCP_FASTOPEN: 'TCP_FASTOPEN';
declare const TCP_FASTOPEN_CONNECT: 'TCP_FASTOPEN_CONNECT';
declare const TCP_FASTOPEN_KEY: 'TCP_FASTOPEN_KEY';
declare const TCP_FASTOPEN_NO_COOKIE: 'TCP_FASTOPEN_NO_COOKIE';
declare const TCP_KEEPCNT: 'TCP_KEEPCNT';
declare const TCP_KEEPIDLE: 'TCP_KEEPIDLE';
declare const TCP_KEEPINTVL: 'TCP_KEEPINTVL';
declare const TCP_LINGER2: 'TCP_LINGER2';
declare const TCP_MAXSEG: 'TCP_MAXSEG';
declare const TCP_NODELAY: 'TCP_NODELAY';
declare const TCP_NOTSENT_LOWAT: 'TCP_NOTSENT_LOWAT';
declare const TCP_QUICKACK: 'TCP_QUICKACK';
declare const TCP_SYNCNT: 'TCP_SYNCNT';
declare const TCP_USER_TIMEOUT: 'TCP_USER_TIMEOUT';
declare const TCP_WINDOW_CLAMP: 'TCP_WINDOW_CLAMP';
declare const SHUT_RD: 'SHUT_RD';
declare const SHUT_WR: 'SHUT_WR';
declare const SHUT_RDWR: 'SHUT_RDWR';
declare const F_SETFL: 'F_SETFL';
declare const SIOCINQ: 'SIOCINQ';
declare const SIOCOUTQ: 'SIOCOUTQ';
declare const SIOCATMARK: 'SIOCATMARK';
declare const EPOLL_CTL_ADD: 'EPOLL_CTL_ADD';
declare const EPOLL_CTL_MOD: 'EPOLL_CTL_MOD';
declare const EPOLL_CTL_DEL: 'EPOLL_CTL_DEL';
/** Flags of the calls that send and receive, to be joined with `|`. */
declare const MSG_OOB: 0x01;
declare const MSG_PEEK: 0x02;
declare const MSG_TRUNC: 0x20;
declare const MSG_DONTWAIT: 0x40;
declare const MSG_WAITALL: 0x100;
declare const MSG_NOSIGNAL: 0x4000;
declare const MSG_MORE: 0x8000;
declare const MSG_FASTOPEN: 0x2000_0000;
/** For `fcntl`: calls do not wait. */
declare const O_NONBLOCK: 0x800;
/** Conditions of `poll`, to be joined with `|`. */
declare const POLLIN: 0x01;
declare const POLLPRI: 0x02;
declare const POLLOUT: 0x04;
declare const POLLERR: 0x08;
declare const POLLHUP: 0x10;
declare const POLLNVAL: 0x20;
declare const POLLRDHUP: 0x2000;
/** Conditions of `epoll_ctl` and `epoll_wait`, to be joined with `|`. */
declare const EPOLLIN: 0x01;
declare const EPOLLPRI: 0x02;
declare const EPOLLOUT: 0x04;
declare const EPOLLERR: 0x08;
declare const EPOLLHUP: 0x10;
declare const EPOLLRDHUP: 0x2000;
declare const EPOLLEXCLUSIVE: 0x1000_0000;
declare const EPOLLONESHOT: 0x4000_0000;
declare const EPOLLET: 0x8000_0000;
declare const SOMAXCONN: 4096;
/** Every address of the host. */
declare const INADDR_ANY: '0.0.0.0';
/** The same for AF_INET6. */
declare const IN6ADDR_ANY: '::';
