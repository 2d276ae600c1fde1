import { ok, type Result } from '../../wire/result.ts';
import type { SocketAddress } from './address.ts';
import { asItIs, type Done, Patience, type Settle } from './attempt.ts';
import { Descriptors } from './descriptors.ts';
import type { Errno } from './errno.ts';
import type { MessageFlag } from './message-flag.ts';
import type { Received, ReceivedMessage, Target } from './protocol.ts';
import type { Socket } from './socket.ts';
import { gather, scatter, total } from './vectors.ts';

/** What becomes of a program that writes where nobody reads. 'SIG_DFL' ends it, as Linux does; most languages' runtimes ignore it, and so do we at first. */
export type SignalAction = 'SIG_DFL' | 'SIG_IGN' | (() => void);

const NO_FLAGS: readonly MessageFlag[] = [];

const given =
  <T>(of: (received: Received) => T): Settle<Received, T> =>
  (result) =>
    result.ok ? ok(of(result.value)) : result;
const givenOctets = given(({ octets }) => octets);

/** MSG_DONTWAIT, O_NONBLOCK, SO_SNDTIMEO or SO_RCVTIMEO. */
const patience = (socket: Socket, flags: readonly MessageFlag[], timeout: number): number =>
  socket.nonBlocking || (flags.length > 0 && flags.includes('MSG_DONTWAIT')) ? Patience.NONE : timeout;

/** The calls of a program that move octets. */
export class TransferCalls extends Descriptors {
  private onSigpipe: SignalAction = 'SIG_IGN';

  send(fd: number, octets: Uint8Array, flags: readonly MessageFlag[], done: Done<number>): void {
    this.put('send', fd, octets, flags, undefined, done);
  }

  sendto(fd: number, octets: Uint8Array, flags: readonly MessageFlag[], to: Target, done: Done<number>): void {
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
    this.put('write', fd, octets, NO_FLAGS, undefined, done);
  }

  writev(fd: number, buffers: readonly Uint8Array[], done: Done<number>): void {
    this.put('writev', fd, gather(buffers), NO_FLAGS, undefined, done);
  }

  recv(fd: number, maxOctets: number, flags: readonly MessageFlag[], done: Done<Uint8Array>): void {
    this.take('recv', fd, maxOctets, flags, givenOctets, done);
  }

  recvfrom(fd: number, maxOctets: number, flags: readonly MessageFlag[], done: Done<Received>): void {
    this.take('recvfrom', fd, maxOctets, flags, asItIs, done);
  }

  /** Into several buffers of those sizes; the last one filled may be short, and those after it are left out. */
  recvmsg(fd: number, sizes: readonly number[], flags: readonly MessageFlag[], done: Done<ReceivedMessage>): void {
    const message = given((received) => ({ flags: [], control: [], ...received, buffers: scatter(received.octets, sizes) }));
    this.take('recvmsg', fd, total(sizes), flags, message, done);
  }

  read(fd: number, maxOctets: number, done: Done<Uint8Array>): void {
    this.take('read', fd, maxOctets, NO_FLAGS, givenOctets, done);
  }

  readv(fd: number, sizes: readonly number[], done: Done<readonly Uint8Array[]>): void {
    const buffers = given(({ octets }) => scatter(octets, sizes));
    this.take('readv', fd, total(sizes), NO_FLAGS, buffers, done);
  }

  /** signal(2) for SIGPIPE. */
  signal(_name: 'SIGPIPE', action: SignalAction): void {
    this.onSigpipe = action;
  }

  private put(call: string, fd: number, octets: Uint8Array, flags: readonly MessageFlag[], to: Target, done: Done<number>): void {
    const returns = this.enter(call, fd, done);
    const socket = this.socketAt(fd, returns);
    if (!socket) return;
    const wait = patience(socket, flags, socket.settings.sendTimeout);
    const attempt = socket.protocol.sending(socket, octets, flags, to, wait !== Patience.NONE);
    const signals = socket.type === 'SOCK_STREAM' && (flags.length === 0 || !flags.includes('MSG_NOSIGNAL'));
    socket.complete(attempt, signals ? this.orSigpipe : asItIs, returns, wait);
  }

  private take<T>(call: string, fd: number, most: number, flags: readonly MessageFlag[], settle: Settle<Received, T>, done: Done<T>): void {
    const returns = this.enter(call, fd, done);
    const socket = this.socketAt(fd, returns);
    if (!socket) return;
    const wait = patience(socket, flags, socket.settings.receiveTimeout);
    const attempt = socket.protocol.receiving(socket, most, flags, wait !== Patience.NONE);
    socket.complete(attempt, settle, returns, wait);
  }

  /** The signal comes before the call returns. */
  private readonly orSigpipe = (result: Result<number, Errno>): Result<number, Errno> => {
    if (!result.ok && result.error.errno === 'EPIPE') this.raiseSigpipe();
    return result;
  };

  private raiseSigpipe(): void {
    if (this.onSigpipe === 'SIG_DFL') this.exit();
    else if (this.onSigpipe !== 'SIG_IGN') this.onSigpipe();
  }
}
