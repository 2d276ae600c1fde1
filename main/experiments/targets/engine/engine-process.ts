import type { MessageFlag } from '../../../engine/sockets/message-flag.ts';
import type { OptionValue, SettableValue } from '../../../engine/sockets/options.ts';
import type { Process } from '../../../engine/sockets/processes.ts';
import type { Domain, Socket, SocketType } from '../../../engine/sockets/socket.ts';
import { listenerInfo, tcpInfo } from '../../../engine/tcp/info.ts';
import { Listener } from '../../../engine/tcp/listener.ts';
import type { Tcb } from '../../../engine/tcp/tcb.ts';
import { ok, type Result } from '../../../wire/result.ts';
import type { SocketCall } from '../../lab/calls.ts';
import type { QueuedConnection, Queues } from '../../lab/values.ts';
import type { RunRecorder } from '../../stepping/run-recorder.ts';
import type { CallFailure, CallValue, SocketView, TargetHost, TargetProcess } from '../target.ts';
import type { Histories } from './histories.ts';

type Done = (result: Result<CallValue, CallFailure>) => void;

/** A process of the engine, with a memory of what each descriptor named last. */
export class EngineProcess implements TargetProcess {
  readonly host: TargetHost;
  private readonly process: Process;
  private readonly histories: Histories;
  private readonly recorder: RunRecorder | undefined;
  private readonly named = new Map<number, Tcb | Listener | undefined>();

  constructor(process: Process, host: TargetHost, histories: Histories, recorder: RunRecorder | undefined) {
    this.recorder = recorder;
    this.process = process;
    this.host = host;
    this.histories = histories;
  }

  get name(): string {
    return this.process.name;
  }

  call(call: SocketCall, done: Done): void {
    if (this.recorder && 'fd' in call && WRITES.has(call.name)) this.noteWrite(this.recorder, call.fd);
    const perform = PERFORM[call.name] as (process: Process, call: SocketCall, done: Done) => void;
    perform(this.process, call, (result) => {
      if (result.ok && MAKES_DESCRIPTORS.has(call.name)) for (const fd of [result.value].flat()) this.remember(fd as number, true);
      done(result);
    });
    // A connection exists from the moment connect() is called, long before it returns.
    if ('fd' in call) this.remember(call.fd, false);
  }

  socket(fd: number): SocketView | undefined {
    this.remember(fd, false);
    if (!this.named.has(fd)) return undefined;
    const subject = this.named.get(fd);
    if (subject === undefined) return { state: 'CLOSED', history: ['CLOSED'], queues: NO_QUEUES, tcpInfo: {} };
    const history = this.histories.of(subject.id);
    const isListener = subject instanceof Listener;
    return {
      state: history.at(-1)!,
      history,
      queues: isListener ? listenerQueues(subject) : connectionQueues(subject),
      tcpInfo: isListener ? listenerInfo(subject) : { ...tcpInfo(subject) },
    };
  }

  private noteWrite(recorder: RunRecorder, fd: number): void {
    const tcb = this.socketAt(fd)?.tcb;
    if (tcb) recorder.writes(tcb);
  }

  private socketAt(fd: number): Socket | undefined {
    return this.process.descriptors().find(([open]) => open === fd)?.[1];
  }

  /** Notes what the descriptor names now; when it names nothing any more, the last socket stays known. */
  private remember(fd: number, isNew: boolean): void {
    const socket = this.socketAt(fd);
    const subject = socket?.tcb ?? socket?.listener;
    if (subject || isNew) this.named.set(fd, subject);
  }
}

const WRITES: ReadonlySet<SocketCall['name']> = new Set(['send', 'sendto', 'sendmsg', 'shutdown', 'close']);
const MAKES_DESCRIPTORS: ReadonlySet<SocketCall['name']> = new Set(['socket', 'socketpair', 'accept', 'dup', 'dup2']);

type Perform = {
  readonly [N in SocketCall['name']]: (process: Process, call: Extract<SocketCall, { name: N }>, done: Done) => void;
};

/** A call without a result returns 0 in C. */
const nothing =
  (done: Done) =>
  (result: Result<void, CallFailure>): void =>
    done(result.ok ? ok(null) : result);

/** The engine judges domain, type, flags and option names itself, with the errno Linux gives. */
const PERFORM: Perform = {
  socket: (process, { domain, type }, done) => process.socket(domain as Domain, type as SocketType, done),
  socketpair: (process, { domain, type }, done) => process.socketpair(domain as Domain, type as SocketType, done),
  bind: (process, { fd, address }, done) => process.bind(fd, address, nothing(done)),
  listen: (process, { fd, backlog }, done) => process.listen(fd, backlog, nothing(done)),
  accept: (process, { fd }, done) => process.accept(fd, (result) => done(result.ok ? ok(result.value.fd) : result)),
  connect: (process, { fd, address }, done) => process.connect(fd, address, nothing(done)),
  send: (process, { fd, octets, flags }, done) => process.send(fd, octetsOf(octets), flags as MessageFlag[], done),
  sendto: (process, { fd, octets, flags, address }, done) => process.sendto(fd, octetsOf(octets), flags as MessageFlag[], address, done),
  sendmsg: (process, { fd, buffers, flags, address }, done) =>
    process.sendmsg(fd, buffers.map(octetsOf), flags as MessageFlag[], address, done),
  recvfrom: (process, { fd, length, flags }, done) => process.recvfrom(fd, length, flags as MessageFlag[], done),
  recv: (process, { fd, length, flags }, done) => process.recv(fd, length, flags as MessageFlag[], done),
  shutdown: (process, { fd, how }, done) => process.shutdown(fd, how, nothing(done)),
  close: (process, { fd }, done) => process.close(fd, nothing(done)),
  dup: (process, { fd }, done) => process.dup(fd, done),
  dup2: (process, { fd, other }, done) => process.dup2(fd, other, done),
  fcntl: (process, { fd, nonBlocking }, done) => process.setNonBlocking(fd, nonBlocking, nothing(done)),
  ioctl: (process, { fd, request }, done) => process.ioctl(fd, request, done),
  poll: (process, { entries, timeout }, done) =>
    process.poll(entries, milliseconds(timeout), (result) =>
      done(result.ok ? ok(result.value.map(({ fd, revents }) => ({ fd, events: revents }))) : result),
    ),
  epoll_create: (process, _call, done) => process.epoll_create(done),
  epoll_ctl: (process, { fd, op, other, events }, done) => process.epoll_ctl(fd, op, other, { events, data: other }, nothing(done)),
  epoll_wait: (process, { fd, most, timeout }, done) =>
    process.epoll_wait(fd, most, milliseconds(timeout), (result) =>
      done(result.ok ? ok(result.value.map(({ data, events }) => ({ fd: data, events }))) : result),
    ),
  unlink: (process, { path }, done) => process.unlink(path, nothing(done)),
  setsockopt: (process, { fd, option, value }, done) => process.setsockopt(fd, option, optionValue(value), nothing(done)),
  getsockopt: (process, { fd, option }, done) => {
    if (option === 'SO_ERROR') process.socketError(fd, (result) => done(result.ok ? ok(result.value ?? '') : result));
    else process.getsockopt(fd, option, (result) => done(result.ok ? ok(scriptValue(option, result.value)) : result));
  },
  getsockname: (process, { fd }, done) => process.getsockname(fd, done),
  getpeername: (process, { fd }, done) => process.getpeername(fd, done),
  exit: (process, _call, done) => {
    process.exit();
    done(ok(null));
  },
};

function scriptValue(option: string, value: OptionValue): CallValue {
  if (typeof value === 'object') return { onoff: value.on, linger: value.seconds };
  return FLAGS.has(option) ? Boolean(value) : value;
}

/** Options that are on or off. */
const FLAGS: ReadonlySet<string> = new Set([
  'IPV6_V6ONLY',
  'SO_ACCEPTCONN',
  'SO_KEEPALIVE',
  'SO_OOBINLINE',
  'SO_REUSEADDR',
  'SO_REUSEPORT',
  'TCP_CORK',
  'TCP_FASTOPEN_CONNECT',
  'TCP_FASTOPEN_NO_COOKIE',
  'TCP_NODELAY',
  'TCP_QUICKACK',
]);

function optionValue(value: Extract<SocketCall, { name: 'setsockopt' }>['value']): SettableValue {
  if (typeof value !== 'object') return value;
  return 'octets' in value ? octetsOf(value.octets) : { on: value.onoff, seconds: value.linger };
}
const milliseconds = (timeout: number | undefined): number => (timeout === undefined ? -1 : timeout * 1000);
const octetsOf = (characters: string): Uint8Array => Uint8Array.from(characters, (one) => one.charCodeAt(0));

const NO_QUEUES: Queues = { syn: [], accept: [], backlog: 0, send: 0, receive: 0, outOfOrder: 0 };

const queued = (tcb: Tcb): QueuedConnection => ({
  remote: { address: tcb.remoteAddress, port: tcb.remotePort },
  state: tcb.state,
  receive: tcb.receiveQueue.length,
});

const listenerQueues = (listener: Listener): Queues => ({
  ...NO_QUEUES,
  syn: [...listener.synQueue].map(queued),
  accept: [...listener.acceptQueue].map(queued),
  backlog: listener.limit,
});

const connectionQueues = (tcb: Tcb): Queues => ({
  ...NO_QUEUES,
  send: tcb.flightOctets + tcb.sendQueue.unsent,
  receive: tcb.receiveQueue.length,
  outOfOrder: tcb.receiveQueue.outOfOrderLength,
});
