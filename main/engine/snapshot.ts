import type { TcpState } from '../tcp-model/states.ts';
import type { Nanos } from '../wire/units.ts';
import { type Connection, isTcb } from './connection-table.ts';
import type { CounterName } from './counters.ts';
import type { Engine } from './engine.ts';
import type { Host } from './host.ts';
import type { Ends, TimerKind } from './probes.ts';
import type { ErrnoName } from './sockets/errno.ts';
import type { SocketType } from './sockets/socket.ts';
import type { Listener } from './tcp/listener.ts';
import type { Tcb } from './tcp/tcb.ts';
import type { TimeWait } from './tcp/time-wait.ts';
import type { UdpEndpoint } from './udp/udp-endpoint.ts';
import type { UnixEndpoint } from './unix/unix-endpoint.ts';

/** Who holds a socket. */
export interface Owner {
  readonly process: string;
  readonly pid: number;
  readonly fd: number;
}

export interface ConnectionSnapshot extends Ends {
  readonly id: number;
  readonly state: TcpState;
  /** Undefined for an orphan and for one nobody has accepted. */
  readonly owner: Owner | undefined;
  readonly error: ErrnoName | undefined;
  /** Octets; the buffers as SO_SNDBUF and SO_RCVBUF tell them. */
  readonly queues: {
    readonly sendUnacked: number;
    readonly sendUnsent: number;
    readonly receiveInOrder: number;
    readonly receiveOutOfOrder: number;
    readonly sendBuffer: number;
    readonly receiveBuffer: number;
  };
  readonly sequence: {
    readonly iss: number;
    readonly sndUna: number;
    readonly sndNxt: number;
    readonly sndWnd: number;
    readonly irs: number;
    readonly rcvNxt: number;
    readonly rcvWnd: number;
  };
  /** Segments. */
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly mss: number;
  readonly srtt: Nanos;
  readonly rto: Nanos;
  readonly retransmissions: number;
  readonly options: {
    readonly timestamps: boolean;
    readonly sack: boolean;
    /** Shift counts; undefined when scaling was not agreed. */
    readonly windowScale: { readonly send: number; readonly receive: number } | undefined;
  };
  readonly timers: readonly { readonly timer: TimerKind; readonly due: Nanos }[];
}

export interface ListenerSnapshot {
  readonly id: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly owner: Owner | undefined;
  /** backlog of listen(), cut to somaxconn; the accept queue holds one more. */
  readonly backlog: number;
  readonly synQueue: readonly QueuedConnection[];
  readonly acceptQueue: readonly QueuedConnection[];
  readonly overflows: number;
  readonly drops: number;
}

export interface QueuedConnection {
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: TcpState;
}

export interface TimeWaitSnapshot extends Ends {
  readonly id: number;
  readonly due: Nanos;
}

/** A socket that is neither listening nor connected. */
export interface IdleSocketSnapshot {
  readonly owner: Owner;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

export interface UdpSnapshot {
  readonly id: number;
  readonly owner: Owner;
  readonly localAddress: string;
  readonly localPort: number;
  /** Undefined while not connected. */
  readonly remoteAddress: string | undefined;
  readonly remotePort: number;
  readonly error: ErrnoName | undefined;
  /** Datagrams and octets that wait; the memory they take; what SO_RCVBUF allows. */
  readonly datagrams: number;
  readonly octets: number;
  readonly memory: number;
  readonly receiveBuffer: number;
  readonly drops: number;
}

export interface UnixSnapshot {
  readonly id: number;
  readonly owner: Owner;
  readonly type: SocketType;
  /** '' for a socket without a name. */
  readonly path: string;
  readonly state: 'unconnected' | 'listening' | 'connected' | 'peer-closed';
  /** Number of the peer's socket. */
  readonly peer: number | undefined;
  /** Octets that wait to be read; connections that wait to be accepted, and how many may. */
  readonly octets: number;
  readonly pending: number;
  readonly backlog: number;
}

export interface HostSnapshot {
  readonly name: string;
  readonly connections: readonly ConnectionSnapshot[];
  readonly listeners: readonly ListenerSnapshot[];
  readonly timeWait: readonly TimeWaitSnapshot[];
  readonly idleSockets: readonly IdleSocketSnapshot[];
  readonly udp: readonly UdpSnapshot[];
  readonly unix: readonly UnixSnapshot[];
  readonly counters: Readonly<Record<CounterName, number>>;
}

/** The whole engine at one moment, as plain data. */
export interface EngineSnapshot {
  readonly now: Nanos;
  readonly hosts: readonly HostSnapshot[];
}

export const takeSnapshot = (engine: Engine): EngineSnapshot => ({ now: engine.now, hosts: engine.hosts.map(ofHost) });

function ofHost(host: Host): HostSnapshot {
  const owners = new Map<Tcb | Listener, Owner>();
  const idleSockets: IdleSocketSnapshot[] = [];
  const udp: UdpSnapshot[] = [];
  const unix: UnixSnapshot[] = [];
  for (const program of host.processes) {
    for (const [fd, socket] of program.descriptors()) {
      const owner = { process: program.name, pid: program.pid, fd };
      const holds = socket.tcb ?? socket.listener;
      if (socket.udp) udp.push(ofUdp(socket.udp, owner));
      else if (socket.unix) unix.push(ofUnix(socket.unix, owner));
      else if (holds) owners.set(holds, owner);
      else idleSockets.push({ owner, localAddress: socket.binding?.address, localPort: socket.binding?.port });
    }
  }
  const tcbs = new Set<Tcb>([...host.connections].filter(isTcb));
  // What a descriptor still refers to after its end: CLOSED with data or an error to be fetched.
  for (const held of owners.keys()) if ('sendQueue' in held && held.state === 'CLOSED') tcbs.add(held);
  const isTimeWait = (connection: Connection): connection is TimeWait => !isTcb(connection);
  return {
    name: host.name,
    connections: [...tcbs].map((tcb) => ofConnection(tcb, owners.get(tcb))),
    listeners: [...host.connections.listeners()].map((listener) => ofListener(listener, owners.get(listener))),
    timeWait: [...host.connections].filter(isTimeWait).map((one) => ({ id: one.id, ...endsOf(one), due: one.due })),
    idleSockets,
    udp,
    unix,
    counters: host.counters.all(),
  };
}

const ofUdp = (endpoint: UdpEndpoint, owner: Owner): UdpSnapshot => ({
  id: endpoint.id,
  owner,
  localAddress: endpoint.localAddress,
  localPort: endpoint.localPort,
  remoteAddress: endpoint.remoteAddress,
  remotePort: endpoint.remotePort,
  error: endpoint.error,
  datagrams: endpoint.queue.length,
  octets: endpoint.waiting,
  memory: endpoint.queued,
  receiveBuffer: endpoint.settings.receiveBuffer,
  drops: endpoint.drops,
});

const ofUnix = ({ id, type, path, peer, pending, queued, backlog }: UnixEndpoint, owner: Owner): UnixSnapshot => ({
  id,
  owner,
  type,
  path,
  state: pending ? 'listening' : !peer ? 'unconnected' : peer.isOpen ? 'connected' : 'peer-closed',
  peer: peer?.id,
  octets: queued,
  pending: pending?.length ?? 0,
  backlog,
});

const endsOf = ({ localAddress, localPort, remoteAddress, remotePort }: Ends): Ends => ({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
});

function ofConnection(tcb: Tcb, owner: Owner | undefined): ConnectionSnapshot {
  return {
    id: tcb.id,
    ...endsOf(tcb),
    state: tcb.state,
    owner,
    error: tcb.error,
    queues: {
      sendUnacked: tcb.flightOctets,
      sendUnsent: tcb.sendQueue.unsent,
      receiveInOrder: tcb.receiveQueue.length,
      receiveOutOfOrder: tcb.receiveQueue.outOfOrderLength,
      sendBuffer: tcb.sendBuffer,
      receiveBuffer: tcb.receiveBuffer,
    },
    sequence: {
      iss: tcb.iss,
      sndUna: tcb.sndUna,
      sndNxt: tcb.sndNxt,
      sndWnd: tcb.sndWnd,
      irs: tcb.irs,
      rcvNxt: tcb.rcvNxt,
      rcvWnd: tcb.receiveWindow,
    },
    cwnd: tcb.congestion.cwnd,
    ssthresh: tcb.congestion.ssthresh,
    mss: tcb.mss,
    srtt: Math.round(tcb.roundTrip.srtt) as Nanos,
    rto: tcb.roundTrip.rto,
    retransmissions: tcb.backoff,
    options: {
      timestamps: tcb.hasTimestamps,
      sack: tcb.hasSack,
      windowScale: tcb.hasWindowScale ? { send: tcb.sndWindScale, receive: tcb.rcvWindScale } : undefined,
    },
    timers: [...tcb.timers.deadlines()],
  };
}

const queued = (tcb: Tcb): QueuedConnection => ({
  id: tcb.id,
  remoteAddress: tcb.remoteAddress,
  remotePort: tcb.remotePort,
  state: tcb.state,
});

const ofListener = (listener: Listener, owner: Owner | undefined): ListenerSnapshot => ({
  id: listener.id,
  localAddress: listener.localAddress,
  localPort: listener.localPort,
  owner,
  backlog: listener.limit,
  synQueue: [...listener.synQueue].map(queued),
  acceptQueue: [...listener.acceptQueue].map(queued),
  overflows: listener.overflows,
  drops: listener.drops,
});
