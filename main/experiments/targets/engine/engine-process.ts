import type { OptionValue } from '../../../engine/sockets/options.ts';
import type { Process } from '../../../engine/sockets/processes.ts';
import type { Domain } from '../../../engine/sockets/socket.ts';
import type { MessageFlag } from '../../../engine/sockets/transfer.ts';
import { Listener } from '../../../engine/tcp/listener.ts';
import type { Tcb } from '../../../engine/tcp/tcb.ts';
import { ok, type Result } from '../../../wire/result.ts';
import type { SocketCall } from '../../lab/requests.ts';
import type { CallFailure, CallValue, QueuedView, SocketView, TargetHost, TargetProcess } from '../target.ts';
import type { Histories } from './histories.ts';

type Done = (result: Result<CallValue, CallFailure>) => void;

/** A process of the engine, with a memory of what each descriptor named last. */
export class EngineProcess implements TargetProcess {
  readonly host: TargetHost;
  private readonly process: Process;
  private readonly histories: Histories;
  private readonly named = new Map<number, Tcb | Listener | undefined>();

  constructor(process: Process, host: TargetHost, histories: Histories) {
    this.process = process;
    this.host = host;
    this.histories = histories;
  }

  get name(): string {
    return this.process.name;
  }

  call(call: SocketCall, done: Done): void {
    const perform = PERFORM[call.name] as (process: Process, call: SocketCall, done: Done) => void;
    perform(this.process, call, (result) => {
      if ((call.name === 'socket' || call.name === 'accept') && result.ok) this.remember(result.value as number, true);
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
      tcpInfo: isListener ? {} : tcpInfoOf(subject),
    };
  }

  /** Notes what the descriptor names now; when it names nothing any more, the last socket stays known. */
  private remember(fd: number, isNew: boolean): void {
    const socket = this.process.descriptors().find(([open]) => open === fd)?.[1];
    const subject = socket?.tcb ?? socket?.listener;
    if (subject || isNew) this.named.set(fd, subject);
  }
}

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
  socket: (process, { domain, type }, done) => process.socket(domain as Domain, type as 'SOCK_STREAM', done),
  bind: (process, { fd, address }, done) => process.bind(fd, address, nothing(done)),
  listen: (process, { fd, backlog }, done) => process.listen(fd, backlog, nothing(done)),
  accept: (process, { fd }, done) => process.accept(fd, (result) => done(result.ok ? ok(result.value.fd) : result)),
  connect: (process, { fd, address }, done) => process.connect(fd, address, nothing(done)),
  send: (process, { fd, octets, flags }, done) => process.send(fd, octetsOf(octets), flags as MessageFlag[], done),
  recv: (process, { fd, length, flags }, done) => process.recv(fd, length, flags as MessageFlag[], done),
  shutdown: (process, { fd, how }, done) => process.shutdown(fd, how, nothing(done)),
  close: (process, { fd }, done) => process.close(fd, nothing(done)),
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
  return isFlag(option) ? Boolean(value) : value;
}

const isFlag = (option: string): boolean => option === 'SO_REUSEADDR' || option === 'TCP_NODELAY';
const optionValue = (value: number | boolean | { onoff: boolean; linger: number }): OptionValue =>
  typeof value === 'object' ? { on: value.onoff, seconds: value.linger } : value;
const octetsOf = (characters: string): Uint8Array => Uint8Array.from(characters, (one) => one.charCodeAt(0));

const NO_QUEUES: SocketView['queues'] = { syn: [], accept: [], backlog: 0, send: 0, receive: 0, outOfOrder: 0 };

const queued = (tcb: Tcb): QueuedView => ({
  remote: { address: tcb.remoteAddress, port: tcb.remotePort },
  state: tcb.state,
  receive: tcb.receiveQueue.length,
});

const listenerQueues = (listener: Listener): SocketView['queues'] => ({
  ...NO_QUEUES,
  syn: [...listener.synQueue].map(queued),
  accept: [...listener.acceptQueue].map(queued),
  backlog: listener.limit,
});

const connectionQueues = (tcb: Tcb): SocketView['queues'] => ({
  ...NO_QUEUES,
  send: tcb.flightOctets + tcb.sendQueue.unsent,
  receive: tcb.receiveQueue.length,
  outOfOrder: tcb.receiveQueue.outOfOrderLength,
});

/** Linux's `struct tcp_info`, in its units: microseconds, segments, octets. */
const tcpInfoOf = (tcb: Tcb): Record<string, number> => ({
  tcpi_rto: Math.round(tcb.roundTrip.rto / 1000),
  tcpi_rtt: Math.round(tcb.roundTrip.srtt / 1000),
  tcpi_snd_mss: tcb.mss,
  tcpi_snd_cwnd: tcb.congestion.cwnd,
  tcpi_snd_ssthresh: tcb.congestion.ssthresh,
  tcpi_retransmits: tcb.backoff,
  tcpi_notsent_bytes: tcb.sendQueue.unsent,
  tcpi_snd_wnd: tcb.sndWnd,
  tcpi_rcv_wnd: tcb.receiveWindow,
});
