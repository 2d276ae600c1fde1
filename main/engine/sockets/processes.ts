import { ok, type Result } from '../../wire/result.ts';
import type { Host } from '../host.ts';
import { atMark, readable } from '../tcp/urgent.ts';
import { accept } from './accept.ts';
import { anyAddress, type SocketAddress } from './address.ts';
import { bind } from './bind.ts';
import { connect, connectOutcome } from './connect.ts';
import { type Errno, type ErrnoName, fail } from './errno.ts';
import { listen } from './listen.ts';
import { getOption, type OptionValue, setOption } from './options.ts';
import { close, type ShutdownHow, shutdown } from './shutdown.ts';
import { type Attempt, type Domain, type Done, Socket } from './socket.ts';
import { type MessageFlag, receiving, sending } from './transfer.ts';

export interface Accepted {
  readonly fd: number;
  readonly peer: SocketAddress;
}

const FIRST_FD = 3; // 0, 1 and 2 are standard input, output and error
const MAX_FILES = 1_048_576;

/**
 * A program on a host: its descriptors and the calls it makes. Every call ends through `done`: before the call returns
 * when it need not wait, else in a later event of the engine.
 */
export class Process {
  readonly host: Host;
  readonly name: string;
  readonly pid: number;
  private readonly table = new Map<number, Socket>();
  private lowestFree = FIRST_FD;

  constructor(host: Host, name: string, pid: number) {
    this.host = host;
    this.name = name;
    this.pid = pid;
  }

  /** Open descriptors, ascending. */
  descriptors(): readonly (readonly [number, Socket])[] {
    return [...this.table].sort(([a], [b]) => a - b);
  }

  socket(domain: Domain, type: 'SOCK_STREAM', done: Done<number>): void {
    const returns = this.enter('socket', -1, done);
    if (domain !== 'AF_INET' && domain !== 'AF_INET6') {
      returns(fail('EAFNOSUPPORT', `no address family "${domain}" here`));
      return;
    }
    if (type !== 'SOCK_STREAM') {
      returns(fail('EPROTONOSUPPORT', `no socket type "${type}" here`));
      return;
    }
    returns(this.install(new Socket(this.host, domain)));
  }

  bind(fd: number, to: SocketAddress, done: Done<void>): void {
    this.call('bind', fd, done, (socket, returns) => returns(bind(socket, to)));
  }

  listen(fd: number, backlog: number, done: Done<void>): void {
    this.call('listen', fd, done, (socket, returns) => returns(listen(socket, backlog)));
  }

  accept(fd: number, done: Done<Accepted>): void {
    this.call('accept', fd, done, (socket, returns) => {
      const attempt: Attempt<Accepted> = () => {
        const accepted = accept(socket);
        if (!accepted?.ok) return accepted;
        const installed = this.install(accepted.value.socket);
        return installed.ok ? ok({ fd: installed.value, peer: accepted.value.peer }) : installed;
      };
      socket.complete(attempt, returns);
    });
  }

  connect(fd: number, to: SocketAddress, done: Done<void>): void {
    this.call('connect', fd, done, (socket, returns) => {
      const before = socket.connecting ? connectOutcome(socket) : undefined;
      if (before) return returns(before); // the attempt begun without waiting has ended, and this call tells how
      const begun = connect(socket, to);
      if (!begun.ok) return returns(begun);
      if (socket.nonBlocking) return returns(fail('EINPROGRESS'));
      socket.complete(() => connectOutcome(socket), returns);
    });
  }

  send(fd: number, octets: Uint8Array, flags: readonly MessageFlag[], done: Done<number>): void {
    this.call('send', fd, done, (socket, returns) => {
      const mayWait = !socket.nonBlocking && !flags.includes('MSG_DONTWAIT');
      socket.complete(sending(socket, octets, mayWait, flags), returns, mayWait);
    });
  }

  recv(fd: number, maxOctets: number, flags: readonly MessageFlag[], done: Done<Uint8Array>): void {
    this.call('recv', fd, done, (socket, returns) => {
      const mayWait = !socket.nonBlocking && !flags.includes('MSG_DONTWAIT');
      socket.complete(receiving(socket, maxOctets, flags, mayWait), returns, mayWait);
    });
  }

  shutdown(fd: number, how: ShutdownHow, done: Done<void>): void {
    this.call('shutdown', fd, done, (socket, returns) => returns(shutdown(socket, how)));
  }

  close(fd: number, done: Done<void>): void {
    this.call('close', fd, done, (socket, returns) => {
      this.table.delete(fd);
      this.lowestFree = Math.min(this.lowestFree, fd);
      close(socket, returns);
    });
  }

  setsockopt(fd: number, name: string, value: OptionValue, done: Done<void>): void {
    this.call('setsockopt', fd, done, (socket, returns) => returns(setOption(socket, name, value)));
  }

  getsockopt(fd: number, name: string, done: Done<OptionValue>): void {
    this.call('getsockopt', fd, done, (socket, returns) => returns(getOption(socket, name)));
  }

  /** SO_ERROR: why the connection failed, told once; undefined when it did not. */
  socketError(fd: number, done: Done<ErrnoName | undefined>): void {
    this.call('getsockopt', fd, done, (socket, returns) => {
      const error = socket.tcb?.error;
      if (socket.tcb) socket.tcb.error = undefined;
      returns(ok(error));
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
    this.call('ioctl', fd, done, ({ tcb, listener }, returns) => {
      if (listener) returns(fail('EINVAL', 'the socket listens'));
      else if (request === 'SIOCATMARK') returns(ok(tcb && atMark(tcb) ? 1 : 0));
      else if (!tcb) returns(ok(0));
      else returns(ok(request === 'SIOCINQ' ? readable(tcb) : tcb.sendQueue.unsent + tcb.flightOctets));
    });
  }

  getsockname(fd: number, done: Done<SocketAddress>): void {
    this.call('getsockname', fd, done, ({ tcb, binding, domain }, returns) => {
      if (tcb) returns(ok({ address: tcb.localAddress, port: tcb.localPort }));
      else returns(ok({ address: binding?.address ?? anyAddress(domain), port: binding?.port ?? 0 }));
    });
  }

  getpeername(fd: number, done: Done<SocketAddress>): void {
    this.call('getpeername', fd, done, ({ tcb }, returns) => {
      if (!tcb || tcb.state === 'CLOSED' || tcb.state === 'SYN-SENT') returns(fail('ENOTCONN', 'the socket is not connected'));
      else returns(ok({ address: tcb.remoteAddress, port: tcb.remotePort }));
    });
  }

  /** The program ends: every descriptor is closed, as the kernel does. */
  exit(): void {
    for (const [fd] of this.descriptors()) this.close(fd, () => {});
  }

  private install(socket: Socket): Result<number, Errno> {
    let fd = this.lowestFree;
    while (this.table.has(fd)) fd++;
    if (fd >= MAX_FILES) return fail('EMFILE', `more than ${MAX_FILES} descriptors`);
    this.table.set(fd, socket);
    this.lowestFree = fd + 1;
    return ok(fd);
  }

  private call<T>(name: string, fd: number, done: Done<T>, run: (socket: Socket, returns: Done<T>) => void): void {
    const returns = this.enter(name, fd, done);
    const socket = this.table.get(fd);
    if (socket) run(socket, returns);
    else returns(fail('EBADF', `no descriptor ${fd}`));
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
