import type { CallName } from './calls.ts';

/** What an argument has to be, as far as that can be told before the script runs. */
export type ArgumentKind = 'number' | 'list' | 'any' | 'option' | readonly string[];

export interface CallReference {
  readonly name: CallName;
  /** In order, by name and kind; one that may be left out has `?` behind its name. */
  readonly parameters: readonly (readonly [name: string, kind: ArgumentKind])[];
  /** What it does and gives. */
  readonly about: string;
  /** As it is usually written. */
  readonly example: string;
}

type Described = Omit<CallReference, 'name'>;

const FD = ['fd', 'number'] as const;
const BUFFER = ['buffer', 'any'] as const;
const COUNT = ['count', 'number'] as const;
const MESSAGE_FLAGS = ['flags', 'number'] as const;
const ADDRESS = ['address', 'any'] as const;
const LENGTH = ['length', 'any'] as const;

const DESCRIBED: Readonly<Record<CallName, Described>> = {
  socket: {
    parameters: [
      ['family', 'any'],
      ['type', ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_SEQPACKET']],
      ['protocol', 'any'],
    ],
    about: 'Makes a socket and gives its descriptor. The family `...` is that of the run.',
    example: 'socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
  },
  bind: {
    parameters: [FD, ADDRESS, LENGTH],
    about: 'Gives the socket its local address and port. `...` is the usual one (--local_ip, --bind_port).',
    example: 'bind(3, ..., ...) = 0',
  },
  listen: {
    parameters: [FD, ['backlog', 'number']],
    about: 'The socket takes connections: up to `backlog` of them wait for accept() (RFC 9293 §3.9.1, passive OPEN).',
    example: 'listen(3, 1) = 0',
  },
  accept: {
    parameters: [FD, ADDRESS, LENGTH],
    about: 'Takes the first connection that waits and gives its descriptor. On a blocking socket it waits for one: `+0...0.1 accept(...)`.',
    example: 'accept(3, ..., ...) = 4',
  },
  connect: {
    parameters: [FD, ADDRESS, LENGTH],
    about:
      'Sends a SYN to the peer (--remote_ip, --connect_port) and waits for the handshake; on a non-blocking socket it gives EINPROGRESS at once.',
    example: 'connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)',
  },
  shutdown: {
    parameters: [FD, ['how', ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']]],
    about: 'Ends one direction, or both. SHUT_WR sends a FIN behind the data.',
    example: 'shutdown(4, SHUT_WR) = 0',
  },
  close: {
    parameters: [FD],
    about: 'Gives the descriptor back. The connection ends with a FIN behind the data, or with a RST where unread data is left.',
    example: 'close(4) = 0',
  },
  fcntl: {
    parameters: [FD, ['command', ['F_GETFL', 'F_SETFL']], ['flags?', 'number']],
    about: 'Tells or sets the flags of a descriptor: O_NONBLOCK makes its calls return at once.',
    example: 'fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0',
  },
  ioctl: {
    parameters: [FD, ['request', ['SIOCINQ', 'SIOCOUTQ', 'SIOCATMARK']], ['value', 'list']],
    about: 'Tells how many octets wait to be read (SIOCINQ) or to be acknowledged (SIOCOUTQ).',
    example: 'ioctl(4, SIOCINQ, [100]) = 0',
  },
  read: {
    parameters: [FD, BUFFER, COUNT],
    about: 'Takes up to `count` octets; 0 is the end of the stream.',
    example: 'read(4, ..., 1000) = 1000',
  },
  recv: {
    parameters: [FD, BUFFER, COUNT, MESSAGE_FLAGS],
    about: 'read() with flags: MSG_PEEK, MSG_DONTWAIT, MSG_TRUNC, MSG_OOB, MSG_WAITALL.',
    example: 'recv(4, ..., 1000, MSG_PEEK) = 1000',
  },
  recvfrom: {
    parameters: [FD, BUFFER, COUNT, MESSAGE_FLAGS, ADDRESS, LENGTH],
    about: 'recv() that also tells who sent.',
    example: 'recvfrom(4, ..., 1000, 0, ..., ...) = 1000',
  },
  readv: {
    parameters: [FD, ['iov', 'list'], COUNT],
    about: 'read() into several buffers.',
    example: 'readv(4, [{..., 500}, {..., 500}], 2) = 1000',
  },
  recvmsg: {
    parameters: [FD, ['message', 'any'], MESSAGE_FLAGS],
    about: 'Takes octets with control messages; with MSG_ERRQUEUE from the error queue.',
    example: 'recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0}, 0) = 1000',
  },
  write: { parameters: [FD, BUFFER, COUNT], about: 'Puts `count` octets into the send queue.', example: 'write(4, ..., 1000) = 1000' },
  send: {
    parameters: [FD, BUFFER, COUNT, MESSAGE_FLAGS],
    about: 'write() with flags: MSG_DONTWAIT, MSG_MORE, MSG_OOB, MSG_ZEROCOPY.',
    example: 'send(4, ..., 1000, 0) = 1000',
  },
  sendto: {
    parameters: [FD, BUFFER, COUNT, MESSAGE_FLAGS, ADDRESS, LENGTH],
    about: 'Sends to an address; with MSG_FASTOPEN it connects and puts data into the SYN (RFC 7413).',
    example: 'sendto(3, ..., 1000, MSG_FASTOPEN, ..., ...) = 1000',
  },
  writev: {
    parameters: [FD, ['iov', 'list'], COUNT],
    about: 'write() from several buffers.',
    example: 'writev(4, [{..., 500}, {..., 500}], 2) = 1000',
  },
  sendmsg: {
    parameters: [FD, ['message', 'any'], MESSAGE_FLAGS],
    about: 'Sends from several buffers, with flags.',
    example: 'sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0}, 0) = 1000',
  },
  setsockopt: {
    parameters: [FD, ['level', 'any'], ['option', 'option'], ['value', 'any'], LENGTH],
    about: 'Sets an option of the socket.',
    example: 'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
  },
  getsockopt: {
    parameters: [FD, ['level', 'any'], ['option', 'option'], ['value', 'any'], LENGTH],
    about: 'Tells an option of the socket: the value is compared.',
    example: 'getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0',
  },
  poll: {
    parameters: [
      ['fds', 'list'],
      ['count', 'any'],
      ['timeout', 'number'],
    ],
    about: 'Waits up to `timeout` milliseconds until one of the descriptors is ready, and tells how many are.',
    example: 'poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0) = 1',
  },
  epoll_create: {
    parameters: [['size', 'any']],
    about: 'Makes an epoll instance and gives its descriptor.',
    example: 'epoll_create(1) = 5',
  },
  epoll_ctl: {
    parameters: [['epfd', 'number'], ['op', ['EPOLL_CTL_ADD', 'EPOLL_CTL_MOD', 'EPOLL_CTL_DEL']], FD, ['event', 'any']],
    about: 'Says what an epoll instance watches.',
    example: 'epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = 0',
  },
  epoll_wait: {
    parameters: [
      ['epfd', 'number'],
      ['events', 'any'],
      ['room', 'number'],
      ['timeout', 'number'],
    ],
    about: 'Waits up to `timeout` milliseconds for something to happen, and tells what.',
    example: 'epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1',
  },
};

export const CALL_REFERENCE = Object.fromEntries(
  Object.entries(DESCRIBED).map(([name, described]) => [name, { name, ...described }]),
) as Readonly<Record<CallName, CallReference>>;
