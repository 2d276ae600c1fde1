import { type Called, DOMAIN, type KernelEnd, POLL, QUEUE, TYPE } from '../../../kernel/socket.ts';
import { setSocketOption, socketOption } from '../../../kernel/socket-options.ts';
import { err, ok, type Result } from '../../../wire/result.ts';
import type { SocketCall } from '../../lab/calls.ts';
import type { SocketAddress } from '../../lab/values.ts';
import type { CallFailure, CallValue } from '../target.ts';
import type { KernelProcess } from './kernel-process.ts';
import { type OpenSocket, textOf } from './open-socket.ts';

type Answer = Result<CallValue, CallFailure>;

/** Tries once; undefined when the call would have to wait. */
export type Attempt = () => Answer | undefined;

export const failure = (errno: string, because?: string): { readonly ok: false; readonly error: CallFailure } => ({
  ok: false,
  error: { errno, because },
});

const value = (result: Called<CallValue>): Answer => (result.ok ? ok(result.value) : failure(result.errno));
/** A call without a result returns 0 in C. */
const nothing = (result: Called<unknown>): Answer => (result.ok ? ok(null) : failure(result.errno));

const NOT_HERE = 'this call is not on the kernel; use poll, or run this on the engine (--target engine)';
const notHere = (): Attempt => () => failure('ENOSYS', NOT_HERE);
const once =
  (answer: () => Answer): Attempt =>
  () =>
    answer();

/** A call on an open descriptor. */
const on = (process: KernelProcess, fd: number, act: (subject: OpenSocket) => Answer | undefined): Attempt => {
  const subject = process.at(fd);
  return () => (subject ? act(subject) : failure('EBADF'));
};

/** Whether a call on a socket that cannot go on now has to wait. */
const waits = ({ nonBlocking }: OpenSocket, flags: readonly string[] = []): boolean => !nonBlocking && !flags.includes('MSG_DONTWAIT');

type Perform = {
  readonly [N in SocketCall['name']]: (process: KernelProcess, call: Extract<SocketCall, { name: N }>) => Attempt;
};

export const PERFORM: Perform = {
  socket: (process, { domain, type }) =>
    once(() => {
      if (domain === 'AF_UNIX') return failure('EAFNOSUPPORT', 'on the kernel there is IP only: a path would be a file of this machine');
      if (!Object.hasOwn(DOMAIN, domain)) return failure('EAFNOSUPPORT');
      if (!Object.hasOwn(TYPE, type)) return failure('ESOCKTNOSUPPORT');
      if (process.isFull) return failure('EMFILE');
      const made = process.lab.sockets.socket(domain as keyof typeof DOMAIN, type as keyof typeof TYPE);
      if (!made.ok) return failure(made.errno);
      return ok(process.install(made.value, { isIpv6: domain === 'AF_INET6', isStream: type === 'SOCK_STREAM' }));
    }),

  socketpair: (_process, { domain }) => once(() => failure(domain === 'AF_UNIX' ? 'EAFNOSUPPORT' : 'EOPNOTSUPP', NOT_HERE)),

  bind: (process, { fd, address }) =>
    on(process, fd, (subject) => {
      if (address.address === (subject.isIpv6 ? '::' : '0.0.0.0')) {
        const bound = process.bindToHost(subject, address.port);
        subject.isForAny = bound.ok;
        if (bound.ok) process.note(subject);
        return bound.ok ? ok(null) : bound;
      }
      const place = process.reach(address);
      if ('errno' in place) return err({ ...place, errno: place.errno === 'EACCES' ? 'EADDRNOTAVAIL' : place.errno });
      const bound = subject.socket.bind(place);
      if (bound.ok) subject.isBound = true;
      process.note(subject);
      return nothing(bound);
    }),

  listen: (process, { fd, backlog }) =>
    on(process, fd, (subject) => {
      if (!subject.isBound && subject.isStream) {
        const bound = process.bindToHost(subject);
        if (!bound.ok) return bound;
        subject.isForAny = true;
      }
      const listening = subject.socket.listen(Math.max(-1, Math.min(backlog, 0x7fff_ffff)));
      if (listening.ok) subject.isListener = true;
      process.note(subject);
      return nothing(listening);
    }),

  accept: (process, { fd }) =>
    on(process, fd, (listener) => {
      if (process.isFull) return failure('EMFILE');
      const accepted = process.lab.sockets.accept(listener.socket);
      if (!accepted.ok) return accepted.errno === 'EAGAIN' && waits(listener) ? undefined : failure(accepted.errno);
      const { isIpv6, isStream } = listener;
      const connection = process.install(accepted.value, { isIpv6, isStream });
      process.note(process.at(connection)!);
      return ok(connection);
    }),

  connect: (process, { fd, address }) => {
    let isUnderWay = false;
    return on(process, fd, (subject) => {
      if (address === 'AF_UNSPEC') return nothing(subject.socket.connect(NO_END));
      if (isUnderWay) return connected(subject);
      const place = process.reach(address);
      if ('errno' in place) return err(place);
      if (!subject.isBound) {
        const bound = process.bindToHost(subject);
        if (!bound.ok) return bound;
      }
      const connecting = subject.socket.connect(place);
      process.note(subject);
      subject.remote ??= process.lab.named({ address: textOf(place.octets), port: place.port });
      if (connecting.ok || connecting.errno === 'EINPROGRESS') subject.isListener = false;
      if (connecting.ok || connecting.errno !== 'EINPROGRESS' || !waits(subject)) return nothing(connecting);
      isUnderWay = true;
      return connected(subject);
    });
  },

  send: (process, { fd, octets, flags }) => sending(process, fd, octets, flags, undefined),
  sendto: (process, { fd, octets, flags, address }) => sending(process, fd, octets, flags, address),
  sendmsg: (process, { fd, buffers, flags, address }) => sending(process, fd, buffers.join(''), flags, address),

  recv: (process, { fd, length, flags }) => receiving(process, fd, length, flags, ({ octets }) => ok(octets)),
  recvfrom: (process, { fd, length, flags }) => receiving(process, fd, length, flags, (received) => ok(received)),

  shutdown: (process, { fd, how }) => on(process, fd, ({ socket }) => nothing(socket.shutdown(how))),
  close: (process, { fd }) => once(() => (process.release(fd) ? ok(null) : failure('EBADF'))),
  dup: (process, { fd }) =>
    on(process, fd, (subject) => (process.isFull ? failure('EMFILE') : ok(process.give(subject, process.lowestFree())))),
  dup2: (process, { fd, other }) =>
    on(process, fd, (subject) => {
      if (other < 0 || other >= MOST_DUP) return failure('EBADF');
      return ok(fd === other ? fd : process.give(subject, other));
    }),
  fcntl: (process, { fd, nonBlocking }) =>
    on(process, fd, (subject) => {
      subject.nonBlocking = nonBlocking;
      return ok(null);
    }),
  ioctl: (process, { fd, request }) =>
    on(process, fd, ({ socket }) => (Object.hasOwn(QUEUE, request) ? value(socket.queue(request)) : failure('ENOTTY'))),

  poll: (process, { entries, timeout }) => {
    let isOver = timeout === 0;
    if (timeout !== undefined && timeout > 0)
      process.lab.after(timeout * 1e9, () => {
        isOver = true;
      });
    return () => {
      const ready = entries.flatMap(({ fd, events }) => {
        if (fd < 0) return [];
        const subject = process.at(fd);
        const holds = subject ? subject.socket.poll(events & 0x7fff) : POLLNVAL;
        return holds === 0 ? [] : [{ fd, events: holds }];
      });
      return ready.length > 0 || isOver ? ok(ready) : undefined;
    };
  },
  epoll_create: notHere,
  epoll_ctl: notHere,
  epoll_wait: notHere,

  setsockopt: (process, { fd, option, value: given }) =>
    on(process, fd, ({ socket }) => {
      if (option === 'TCP_CONGESTION' && given !== 'cubic' && given !== 'reno')
        return failure('ENOENT', 'the kernel would load a module for it; there are cubic and reno');
      if (typeof given !== 'object') return nothing(setSocketOption(socket, option, given));
      if ('octets' in given) return nothing(setSocketOption(socket, option, octetsOf(given.octets)));
      if (given.onoff && given.linger > 0)
        return failure('EOPNOTSUPP', 'a close that waits would hold the whole run; use 0 seconds, or run this on the engine');
      return nothing(setSocketOption(socket, option, given));
    }),
  getsockopt: (process, { fd, option }) => on(process, fd, ({ socket }) => value(socketOption(socket, option))),
  getsockname: (process, { fd }) =>
    on(process, fd, (subject) => {
      const name = nameOf(process, subject, false);
      if (!name.ok || !subject.isForAny || subject.remote) return name;
      return ok({ ...name.value, address: subject.isIpv6 ? '::' : '0.0.0.0' });
    }),
  getpeername: (process, { fd }) => on(process, fd, (subject) => nameOf(process, subject, true)),
  unlink: () => once(() => failure('EACCES', 'a script has no files of this machine')),
  exit: (process) =>
    once(() => {
      for (const fd of process.descriptors) process.release(fd);
      return ok(null);
    }),
};

const NO_END: KernelEnd = { octets: new Uint8Array(0), port: 0 };
const POLLNVAL = 0x20;
const MOST_DUP = 1024;
/** A read larger than this gives what a smaller one does. */
const MOST_READ = 1 << 20;

const octetsOf = (characters: string): Uint8Array => Buffer.from(characters, 'latin1');

/** Whether a connect that was under way has come to its end, and how. */
function connected(subject: OpenSocket): Answer | undefined {
  if (subject.socket.poll(POLL.OUT) === 0) return undefined;
  const error = socketOption(subject.socket, 'SO_ERROR');
  if (!error.ok) return failure(error.errno);
  return error.value === '' ? ok(null) : failure(String(error.value));
}

function nameOf(process: KernelProcess, { socket }: OpenSocket, ofPeer: boolean): Result<SocketAddress, CallFailure> {
  const name = socket.name(ofPeer);
  return name.ok ? ok(process.lab.named({ address: textOf(name.value.octets), port: name.value.port })) : failure(name.errno);
}

/** What a send takes with it; a call that may wait returns when the send queue has taken all of it. */
function sending(
  process: KernelProcess,
  fd: number,
  characters: string,
  names: readonly string[],
  address: SocketAddress | undefined,
): Attempt {
  const octets = octetsOf(characters);
  const flags = flagsOf(names);
  let taken = 0;
  return on(process, fd, (subject) => {
    const place = address ? process.reach(address) : NO_END;
    if ('errno' in place) return err(place);
    if (flags === undefined) return failure('EINVAL');
    if (address && !subject.isBound) {
      const bound = process.bindToHost(subject);
      if (!bound.ok) return bound;
    }
    const sent = subject.socket.send(taken > 0 ? octets.subarray(taken) : octets, flags, place);
    if (address) process.note(subject);
    if (sent.ok) taken += sent.value;
    const isThrough = sent.ok ? taken >= octets.length || !subject.isStream : sent.errno !== 'EAGAIN';
    if (!isThrough && waits(subject, names)) return undefined;
    return taken > 0 || sent.ok ? ok(taken) : failure(sent.errno);
  });
}

interface Received {
  readonly octets: Uint8Array;
  readonly length: number;
  readonly from?: SocketAddress;
}

function receiving(
  process: KernelProcess,
  fd: number,
  length: number,
  names: readonly string[],
  tell: (received: Received) => Answer,
): Attempt {
  const flags = flagsOf(names);
  const isWhole = names.includes('MSG_WAITALL') && !names.includes('MSG_PEEK');
  const room = new Uint8Array(Math.min(length, MOST_READ));
  let filled = 0;
  return on(process, fd, (subject) => {
    if (flags === undefined) return failure('EINVAL');
    // Of a datagram cut off the kernel tells the whole length when asked.
    const got = subject.socket.receive(room.subarray(filled), (flags & ~MSG.MSG_WAITALL) | (subject.isStream ? 0 : MSG.MSG_TRUNC));
    if (!got.ok) {
      if (got.errno === 'EAGAIN' && waits(subject, names)) return undefined;
      return filled > 0 ? tell({ octets: room.slice(0, filled), length: filled }) : failure(got.errno);
    }
    if (!subject.isStream) {
      const [portHigh, portLow] = got.value.from as unknown as [number, number];
      const octets = got.value.from.subarray(2, subject.isIpv6 ? 18 : 6);
      const from = process.lab.named({ address: textOf(octets), port: (portHigh << 8) | portLow });
      return tell({ octets: room.slice(0, Math.min(got.value.length, room.length)), length: got.value.length, from });
    }
    filled += got.value.length;
    const isEnd = got.value.length === 0;
    if (isWhole && !isEnd && filled < room.length && waits(subject, names)) return undefined;
    return tell({ octets: room.slice(0, filled), length: filled });
  });
}

/** Flags of the calls that send and receive, with Linux's numbers. */
const MSG: Readonly<Record<string, number>> & { readonly MSG_WAITALL: number; readonly MSG_TRUNC: number } = {
  MSG_OOB: 0x01,
  MSG_PEEK: 0x02,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_WAITALL: 0x100,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_FASTOPEN: 0x2000_0000,
};

/** Undefined when one of them is none. */
const flagsOf = (names: readonly string[]): number | undefined =>
  names.every((name) => Object.hasOwn(MSG, name)) ? names.reduce((bits, name) => bits | MSG[name]!, 0) : undefined;
