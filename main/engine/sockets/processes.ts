import { ok, type Result } from '../../wire/result.ts';
import type { Host } from '../host.ts';
import { listenerInfo, type TcpInfo, tcpInfo } from '../tcp/info.ts';
import { atMark } from '../tcp/urgent.ts';
import { UDP } from '../udp/protocol.ts';
import { join, UNIX } from '../unix/protocol.ts';
import type { SocketAddress } from './address.ts';
import { type EpollEvent, EpollSet } from './epoll.ts';
import { type Errno, type ErrnoName, fail } from './errno.ts';
import { getOption, type OptionValue, type SettableValue, setOption } from './options.ts';
import { type Descriptor, type PollEntry, type PollResult, poll, type SelectSets, select } from './poll.ts';
import type { Protocol, Received, ReceivedMessage } from './protocol.ts';
import type { ShutdownHow } from './shutdown.ts';
import { type Attempt, type Domain, type Done, Socket, type SocketKind, type SocketType } from './socket.ts';
import { TCP_STREAM } from './stream.ts';
import type { MessageFlag } from './transfer.ts';
import { waitOn } from './wait.ts';

export interface Accepted {
  readonly fd: number;
  readonly peer: SocketAddress;
}

const FIRST_FD = 3; // 0, 1 and 2 are standard input, output and error
const MAX_FILES = 1_048_576;

const kinds = (domain: Domain, stream: Protocol, datagram: Protocol): { readonly [T in SocketType]: SocketKind } => ({
  SOCK_STREAM: { domain, type: 'SOCK_STREAM', protocol: stream },
  SOCK_DGRAM: { domain, type: 'SOCK_DGRAM', protocol: datagram },
});
const KINDS: { readonly [D in Domain]: { readonly [T in SocketType]: SocketKind } } = {
  AF_INET: kinds('AF_INET', TCP_STREAM, UDP),
  AF_INET6: kinds('AF_INET6', TCP_STREAM, UDP),
  AF_UNIX: kinds('AF_UNIX', UNIX, UNIX),
};

/** Whose program it is, for the permissions of AF_UNIX; root unless said otherwise. */
export interface Credentials {
  readonly uid?: number;
  readonly umask?: number;
}

/** What becomes of a program that writes where nobody reads. 'SIG_DFL' ends it, as Linux does; most languages' runtimes ignore it, and so do we at first. */
export type SignalAction = 'SIG_DFL' | 'SIG_IGN' | (() => void);

/**
 * A program on a host: its descriptors and the calls it makes. Every call ends through `done`: before the call returns
 * when it need not wait, else in a later event of the engine.
 */
export class Process {
  readonly host: Host;
  readonly name: string;
  readonly pid: number;
  readonly uid: number;
  readonly umask: number;
  private readonly table = new Map<number, Descriptor>();
  private onSigpipe: SignalAction = 'SIG_IGN';
  private lowestFree = FIRST_FD;

  constructor(host: Host, name: string, pid: number, { uid = 0, umask = 0o022 }: Credentials = {}) {
    this.uid = uid;
    this.umask = umask;
    this.host = host;
    this.name = name;
    this.pid = pid;
  }

  /** Open descriptors of sockets, ascending. */
  descriptors(): readonly (readonly [number, Socket])[] {
    const sockets = [...this.table].filter((entry): entry is [number, Socket] => entry[1] instanceof Socket);
    return sockets.sort(([a], [b]) => a - b);
  }

  socket(domain: Domain, type: SocketType, done: Done<number>): void {
    const returns = this.enter('socket', -1, done);
    const made = this.create(domain, type);
    returns(made.ok ? this.install(made.value) : made);
  }

  /** Two connected sockets without names; AF_UNIX only. */
  socketpair(domain: Domain, type: SocketType, done: Done<readonly [number, number]>): void {
    const returns = this.enter('socketpair', -1, done);
    const [a, b] = [this.create(domain, type), this.create(domain, type)];
    if (!a.ok) {
      returns(a);
      return;
    }
    if (!b.ok) {
      returns(b);
      return;
    }
    if (domain !== 'AF_UNIX') {
      returns(fail('EOPNOTSUPP', `${domain} has no pairs`));
      return;
    }
    join(a.value, b.value);
    const [one, other] = [this.install(a.value), this.install(b.value)];
    if (!one.ok) {
      returns(one);
      return;
    }
    returns(other.ok ? ok([one.value, other.value]) : other);
  }

  private create(domain: Domain, type: SocketType): Result<Socket, Errno> {
    if (!Object.hasOwn(KINDS, domain)) return fail('EAFNOSUPPORT', `no address family "${domain}" here`);
    if (!Object.hasOwn(KINDS[domain], type)) return fail('ESOCKTNOSUPPORT', `no socket type "${type}" here`);
    const kind = KINDS[domain][type];
    const { ofStreams, ofOthers } = this.host.defaultSettings;
    return ok(new Socket(this.host, kind, kind.protocol === TCP_STREAM ? ofStreams : ofOthers));
  }

  bind(fd: number, to: SocketAddress, done: Done<void>): void {
    this.call('bind', fd, done, (socket, returns) => returns(socket.protocol.bind(socket, to)));
  }

  listen(fd: number, backlog: number, done: Done<void>): void {
    this.call('listen', fd, done, (socket, returns) => returns(socket.protocol.listen(socket, backlog)));
  }

  accept(fd: number, done: Done<Accepted>): void {
    this.accept4(fd, [], done, 'accept');
  }

  /** accept(2) whose descriptor may be non-blocking from the start: it does not inherit that from the listener. */
  accept4(fd: number, flags: readonly 'SOCK_NONBLOCK'[], done: Done<Accepted>, name = 'accept4'): void {
    this.call(name, fd, done, (socket, returns) => {
      const attempt: Attempt<Accepted> = () => {
        const accepted = socket.protocol.accept(socket);
        if (!accepted?.ok) return accepted;
        accepted.value.socket.nonBlocking = flags.includes('SOCK_NONBLOCK');
        const installed = this.install(accepted.value.socket);
        return installed.ok ? ok({ fd: installed.value, peer: accepted.value.peer }) : installed;
      };
      socket.complete(attempt, returns);
    });
  }

  /** connect(2); to AF_UNSPEC it takes the connection apart. */
  connect(fd: number, to: SocketAddress | 'AF_UNSPEC', done: Done<void>): void {
    this.call('connect', fd, done, (socket, returns) => {
      if (to === 'AF_UNSPEC') return returns(socket.protocol.disconnect(socket));
      const before = socket.connecting ? socket.protocol.connectOutcome(socket) : undefined;
      if (before) return returns(before); // the attempt begun without waiting has ended, and this call tells how
      const begun = socket.protocol.connect(socket, to);
      if (!begun.ok) return returns(begun);
      if (socket.nonBlocking && !socket.putOff && socket.domain !== 'AF_UNIX' && socket.type === 'SOCK_STREAM')
        return returns(fail('EINPROGRESS'));
      socket.complete(() => socket.protocol.connectOutcome(socket), returns, true);
    });
  }

  send(fd: number, octets: Uint8Array, flags: readonly MessageFlag[], done: Done<number>): void {
    this.put('send', fd, octets, flags, undefined, done);
  }

  sendto(fd: number, octets: Uint8Array, flags: readonly MessageFlag[], to: SocketAddress | undefined, done: Done<number>): void {
    this.put('sendto', fd, octets, flags, to, done);
  }

  /** Several buffers as one message, or one after the other on a stream. */
  sendmsg(
    fd: number,
    buffers: readonly Uint8Array[],
    flags: readonly MessageFlag[],
    to: SocketAddress | undefined,
    done: Done<number>,
  ): void {
    this.put('sendmsg', fd, gather(buffers), flags, to, done);
  }

  write(fd: number, octets: Uint8Array, done: Done<number>): void {
    this.put('write', fd, octets, [], undefined, done);
  }

  writev(fd: number, buffers: readonly Uint8Array[], done: Done<number>): void {
    this.put('writev', fd, gather(buffers), [], undefined, done);
  }

  private put(
    call: string,
    fd: number,
    octets: Uint8Array,
    flags: readonly MessageFlag[],
    to: SocketAddress | undefined,
    done: Done<number>,
  ): void {
    this.call<number>(call, fd, done, (socket, returns) => {
      const mayWait = !socket.nonBlocking && !flags.includes('MSG_DONTWAIT');
      const attempt = socket.protocol.sending(socket, octets, flags, to, mayWait);
      const told: Done<number> = (result) => {
        returns(result);
        const isBroken = !result.ok && result.error.errno === 'EPIPE' && socket.type === 'SOCK_STREAM';
        if (isBroken && !flags.includes('MSG_NOSIGNAL')) this.raiseSigpipe();
      };
      socket.complete(attempt, told, mayWait);
    });
  }

  recv(fd: number, maxOctets: number, flags: readonly MessageFlag[], done: Done<Uint8Array>): void {
    this.take('recv', fd, maxOctets, flags, done, ({ octets }) => octets);
  }

  recvfrom(fd: number, maxOctets: number, flags: readonly MessageFlag[], done: Done<Received>): void {
    this.take('recvfrom', fd, maxOctets, flags, done, (received) => received);
  }

  /** Into several buffers of those sizes; the last one filled may be short, and those after it are left out. */
  recvmsg(fd: number, sizes: readonly number[], flags: readonly MessageFlag[], done: Done<ReceivedMessage>): void {
    this.take('recvmsg', fd, total(sizes), flags, done, (received) => ({
      flags: [],
      control: [],
      ...received,
      buffers: scatter(received.octets, sizes),
    }));
  }

  read(fd: number, maxOctets: number, done: Done<Uint8Array>): void {
    this.take('read', fd, maxOctets, [], done, ({ octets }) => octets);
  }

  readv(fd: number, sizes: readonly number[], done: Done<readonly Uint8Array[]>): void {
    this.take('readv', fd, total(sizes), [], done, ({ octets }) => scatter(octets, sizes));
  }

  private take<T>(
    call: string,
    fd: number,
    most: number,
    flags: readonly MessageFlag[],
    done: Done<T>,
    give: (received: Received) => T,
  ): void {
    this.call(call, fd, done, (socket, returns) => {
      const mayWait = !socket.nonBlocking && !flags.includes('MSG_DONTWAIT');
      const attempt = socket.protocol.receiving(socket, most, flags, mayWait);
      const giving: Attempt<T> = () => {
        const received = attempt();
        return received?.ok ? ok(give(received.value)) : received;
      };
      socket.complete(giving, returns, mayWait);
    });
  }

  shutdown(fd: number, how: ShutdownHow, done: Done<void>): void {
    this.call('shutdown', fd, done, (socket, returns) => returns(socket.protocol.shutdown(socket, how)));
  }

  close(fd: number, done: Done<void>): void {
    const returns = this.enter('close', fd, done);
    const descriptor = this.table.get(fd);
    if (!descriptor) {
      returns(fail('EBADF', `no descriptor ${fd}`));
      return;
    }
    this.free(fd);
    this.letGo(descriptor, returns);
  }

  /** The lowest free descriptor for what `fd` refers to. */
  dup(fd: number, done: Done<number>): void {
    const returns = this.enter('dup', fd, done);
    const descriptor = this.table.get(fd);
    returns(descriptor ? this.install(descriptor) : fail('EBADF', `no descriptor ${fd}`));
  }

  /** `other` refers to what `fd` does; what it referred to before is closed silently. */
  dup2(fd: number, other: number, done: Done<number>): void {
    const returns = this.enter('dup2', fd, done);
    const descriptor = this.table.get(fd);
    if (!descriptor || other < 0 || other >= MAX_FILES) {
      returns(fail('EBADF', `no descriptor ${descriptor ? other : fd}`));
      return;
    }
    const before = this.table.get(other);
    if (fd === other) {
      returns(ok(other));
      return;
    }
    this.table.set(other, descriptor);
    if (before instanceof Socket) this.host.recorder?.released(before, this, other);
    if (descriptor instanceof Socket) {
      descriptor.references++;
      this.host.recorder?.held(descriptor, this, other);
    }
    if (before) this.letGo(before, () => {});
    returns(ok(other));
  }

  private free(fd: number): void {
    const descriptor = this.table.get(fd);
    if (descriptor instanceof Socket) this.host.recorder?.released(descriptor, this, fd);
    this.table.delete(fd);
    this.lowestFree = Math.min(this.lowestFree, fd);
  }

  /** One descriptor less; with the last one the socket goes. */
  private letGo(descriptor: Descriptor, done: Done<void>): void {
    if (descriptor instanceof Socket) {
      if (--descriptor.references === 0) descriptor.protocol.close(descriptor, done);
      else done(ok(undefined));
      return;
    }
    if (![...this.table.values()].includes(descriptor)) descriptor.close();
    done(ok(undefined));
  }

  /** Milliseconds; negative waits for ever, 0 only looks. */
  poll(entries: readonly PollEntry[], milliseconds: number, done: Done<readonly PollResult[]>): void {
    poll(this.host, (fd) => this.table.get(fd), entries, milliseconds, this.enter('poll', -1, done));
  }

  select(sets: SelectSets, milliseconds: number, done: Done<SelectSets>): void {
    const returns = this.enter('select', -1, done);
    const closed = [...sets.read, ...sets.write, ...sets.except].find((fd) => !this.table.has(fd));
    if (closed !== undefined) returns(fail('EBADF', `no descriptor ${closed}`));
    else select(this.host, (fd) => this.table.get(fd), sets, milliseconds, returns);
  }

  epoll_create(done: Done<number>): void {
    this.enter('epoll_create', -1, done)(this.install(new EpollSet()));
  }

  epoll_ctl(epfd: number, op: 'EPOLL_CTL_ADD' | 'EPOLL_CTL_MOD' | 'EPOLL_CTL_DEL', fd: number, event: EpollEvent, done: Done<void>): void {
    const returns = this.enter('epoll_ctl', epfd, done);
    const [set, descriptor] = [this.table.get(epfd), this.table.get(fd)];
    if (!set || !descriptor) {
      returns(fail('EBADF', `no descriptor ${set ? fd : epfd}`));
      return;
    }
    if (!(set instanceof EpollSet) || !(descriptor instanceof Socket)) {
      returns(fail('EINVAL', 'an epoll descriptor, and a socket to watch'));
      return;
    }
    returns(set.control(op, fd, descriptor, event));
  }

  epoll_wait(epfd: number, maxEvents: number, milliseconds: number, done: Done<readonly EpollEvent[]>): void {
    const returns = this.enter('epoll_wait', epfd, done);
    const set = this.table.get(epfd);
    if (!set) {
      returns(fail('EBADF', `no descriptor ${epfd}`));
      return;
    }
    if (!(set instanceof EpollSet) || maxEvents <= 0) {
      returns(fail('EINVAL', 'an epoll descriptor, and room for an event'));
      return;
    }
    const attempt: Attempt<readonly EpollEvent[]> = () => {
      const events = set.take(maxEvents);
      return events && ok(events);
    };
    waitOn(this.host, [set], attempt, milliseconds, () => ok([]), returns);
  }

  /** unlink(2) of a socket's file, without which nobody can bind there again. */
  unlink(path: string, done: Done<void>): void {
    this.enter('unlink', -1, done)(this.host.unixNames.unlink(path, this.uid));
  }

  chmod(path: string, mode: number, done: Done<void>): void {
    this.enter('chmod', -1, done)(this.host.unixNames.chmod(path, mode, this.uid));
  }

  /** signal(2) for SIGPIPE. */
  signal(_name: 'SIGPIPE', action: SignalAction): void {
    this.onSigpipe = action;
  }

  private raiseSigpipe(): void {
    if (this.onSigpipe === 'SIG_DFL') this.exit();
    else if (this.onSigpipe !== 'SIG_IGN') this.onSigpipe();
  }

  setsockopt(fd: number, name: string, value: SettableValue, done: Done<void>): void {
    this.call('setsockopt', fd, done, (socket, returns) => returns(setOption(socket, name, value)));
  }

  getsockopt(fd: number, name: string, done: Done<OptionValue>): void {
    this.call('getsockopt', fd, done, (socket, returns) => returns(getOption(socket, name)));
  }

  /** getsockopt(TCP_INFO). */
  tcpInfo(fd: number, done: Done<Partial<TcpInfo>>): void {
    this.call<Partial<TcpInfo>>('getsockopt', fd, done, ({ tcb, listener, domain, type }, returns) => {
      if (domain === 'AF_UNIX' || type !== 'SOCK_STREAM') returns(fail('ENOPROTOOPT', 'TCP_INFO is of TCP sockets'));
      else if (listener) returns(ok(listenerInfo(listener)));
      else returns(ok(tcb ? tcpInfo(tcb) : { tcpi_state: 7 }));
    });
  }

  /** SO_ERROR: why the connection failed, told once; undefined when it did not. */
  socketError(fd: number, done: Done<ErrnoName | undefined>): void {
    this.call('getsockopt', fd, done, (socket, returns) => {
      returns(ok(socket.protocol.takeError(socket)));
    });
  }

  /** fcntl(F_SETFL) of O_NONBLOCK. */
  setNonBlocking(fd: number, on: boolean, done: Done<void>): void {
    this.call('fcntl', fd, done, (socket, returns) => {
      socket.nonBlocking = on;
      returns(ok(undefined));
    });
  }

  /** ioctl(2) of a stream socket: octets to read, octets not yet acknowledged, and whether the urgent mark is next. */
  ioctl(fd: number, request: 'SIOCINQ' | 'SIOCOUTQ' | 'SIOCATMARK', done: Done<number>): void {
    this.call('ioctl', fd, done, (socket, returns) => {
      if (request === 'SIOCINQ') returns(socket.protocol.inputOctets(socket));
      else if (request === 'SIOCOUTQ') returns(socket.protocol.outputOctets(socket));
      else if (socket.listener) returns(fail('EINVAL', 'the socket listens'));
      else returns(ok(socket.tcb && atMark(socket.tcb) ? 1 : 0));
    });
  }

  getsockname(fd: number, done: Done<SocketAddress>): void {
    this.call('getsockname', fd, done, (socket, returns) => returns(ok(socket.protocol.name(socket))));
  }

  getpeername(fd: number, done: Done<SocketAddress>): void {
    this.call('getpeername', fd, done, (socket, returns) => returns(socket.protocol.peer(socket)));
  }

  /** The program ends: every descriptor is closed, as the kernel does. */
  exit(): void {
    for (const fd of [...this.table.keys()].sort((a, b) => a - b)) this.close(fd, () => {});
  }

  private install(descriptor: Descriptor): Result<number, Errno> {
    let fd = this.lowestFree;
    while (this.table.has(fd)) fd++;
    if (fd >= MAX_FILES) return fail('EMFILE', `more than ${MAX_FILES} descriptors`);
    this.table.set(fd, descriptor);
    if (descriptor instanceof Socket) {
      descriptor.references++;
      descriptor.owner = this;
      this.host.recorder?.held(descriptor, this, fd);
    }
    this.lowestFree = fd + 1;
    return ok(fd);
  }

  private call<T>(name: string, fd: number, done: Done<T>, run: (socket: Socket, returns: Done<T>) => void): void {
    const returns = this.enter(name, fd, done);
    const descriptor = this.table.get(fd);
    if (descriptor instanceof Socket) {
      this.host.recorder?.used(descriptor);
      run(descriptor, returns);
    } else returns(descriptor ? fail('ENOTSOCK', `descriptor ${fd} is no socket`) : fail('EBADF', `no descriptor ${fd}`));
  }

  /** Tells of the call and, through the callback it gives back, of its return. */
  private enter<T>(call: string, fd: number, done: Done<T>): Done<T> {
    const { probes, clock, name: host } = this.host;
    if (!probes.wants('call')) return done;
    const number = this.host.nextCallNumber();
    const about = { kind: 'call', host, process: this.name, call, fd, number } as const;
    probes.emit({ ...about, at: clock.now, phase: 'enter' });
    return (result) => {
      probes.emit({ ...about, at: clock.now, phase: 'return', ...(!result.ok && { errno: result.error.errno }) });
      done(result);
    };
  }
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

function gather(buffers: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(total(buffers.map(({ length }) => length)));
  let at = 0;
  for (const buffer of buffers) {
    whole.set(buffer, at);
    at += buffer.length;
  }
  return whole;
}

function scatter(octets: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const buffers: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= octets.length) break;
    buffers.push(octets.subarray(at, at + size));
    at += size;
  }
  return buffers;
}
