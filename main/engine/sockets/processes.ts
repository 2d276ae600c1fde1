import { ok, type Result } from '../../wire/result.ts';
import { listenerInfo, type TcpInfo, tcpInfo } from '../tcp/info.ts';
import { atMark } from '../tcp/urgent.ts';
import { join } from '../unix/protocol.ts';
import type { SocketAddress } from './address.ts';
import { type Attempt, asItIs, type Done, Patience } from './attempt.ts';
import { createSocket } from './create.ts';
import { type Errno, type ErrnoName, fail } from './errno.ts';
import { getOption, type OptionValue, type SettableValue, setOption } from './options.ts';
import { ReadinessCalls } from './readiness-calls.ts';
import type { ShutdownHow } from './shutdown.ts';
import type { Domain, SocketType } from './socket.ts';

export type { Credentials } from './descriptors.ts';

export interface Accepted {
  readonly fd: number;
  readonly peer: SocketAddress;
}

/** A program on a host: its descriptors and the calls it makes. */
export class Process extends ReadinessCalls {
  socket(domain: Domain, type: SocketType, done: Done<number>): void {
    const returns = this.enter('socket', -1, done);
    const made = createSocket(this.host, domain, type);
    returns(made.ok ? this.install(made.value) : made);
  }

  /** Two connected sockets without names; AF_UNIX only. */
  socketpair(domain: Domain, type: SocketType, done: Done<readonly [number, number]>): void {
    const returns = this.enter('socketpair', -1, done);
    const [a, b] = [createSocket(this.host, domain, type), createSocket(this.host, domain, type)];
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
      const tryOnce = (): Result<Accepted, Errno> | undefined => {
        const accepted = socket.protocol.accept(socket);
        if (!accepted?.ok) return accepted;
        accepted.value.socket.nonBlocking = flags.includes('SOCK_NONBLOCK');
        const installed = this.install(accepted.value.socket);
        return installed.ok ? ok({ fd: installed.value, peer: accepted.value.peer }) : installed;
      };
      socket.complete({ try: tryOnce }, asItIs, returns, socket.nonBlocking ? Patience.NONE : socket.settings.receiveTimeout);
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
      const outcome: Attempt<void> = { try: () => socket.protocol.connectOutcome(socket), timedOut: () => fail('EINPROGRESS') };
      socket.complete(outcome, asItIs, returns, socket.settings.sendTimeout);
    });
  }

  shutdown(fd: number, how: ShutdownHow, done: Done<void>): void {
    this.call('shutdown', fd, done, (socket, returns) => returns(socket.protocol.shutdown(socket, how)));
  }

  /** unlink(2) of a socket's file, without which nobody can bind there again. */
  unlink(path: string, done: Done<void>): void {
    this.enter('unlink', -1, done)(this.host.unixNames.unlink(path, this.uid));
  }

  chmod(path: string, mode: number, done: Done<void>): void {
    this.enter('chmod', -1, done)(this.host.unixNames.chmod(path, mode, this.uid));
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
}
