import type { TcpState } from '../tcp-model/states.ts';
import type { Nanos } from '../wire/units.ts';
import { type Connection, isTcb } from './connection-table.ts';
import type { CounterName } from './counters.ts';
import type { Engine } from './engine.ts';
import type { Host } from './host.ts';
import type { Ends, TimerKind } from './probes.ts';
import type { ErrnoName } from './sockets/errno.ts';
import type { Socket, SocketType } from './sockets/socket.ts';
import type { Listener } from './tcp/listener.ts';
import type { Tcb } from './tcp/tcb.ts';
import type { TimeWait } from './tcp/time-wait.ts';
import { ofConnection, ofIdle, ofListener, ofTimeWait, ofUdp, ofUnix } from './views.ts';

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

/** Who holds each open socket: of several descriptors the lowest one, of the oldest program. */
function ownersOf(host: Host): Map<Socket, Owner> {
  const owners = new Map<Socket, Owner>();
  for (const program of host.processes)
    for (const [fd, socket] of program.descriptors())
      if (!owners.has(socket)) owners.set(socket, { process: program.name, pid: program.pid, fd });
  return owners;
}

const byId = (a: { readonly id: number }, b: { readonly id: number }): number => a.id - b.id;

function ofHost(host: Host): HostSnapshot {
  const held = new Map<Tcb | Listener, Owner>();
  const idleSockets: IdleSocketSnapshot[] = [];
  const udp: UdpSnapshot[] = [];
  const unix: UnixSnapshot[] = [];
  for (const [socket, owner] of ownersOf(host)) {
    const holds = socket.tcb ?? socket.listener;
    if (socket.udp) udp.push(ofUdp(socket.udp, owner));
    else if (socket.unix) unix.push(ofUnix(socket.unix, owner));
    else if (holds) held.set(holds, owner);
    else idleSockets.push(ofIdle(socket, owner));
  }
  const all = [...host.connections];
  const tcbs = new Set<Tcb>(all.filter(isTcb));
  // What a descriptor still refers to after its end: CLOSED with data or an error to be fetched.
  for (const one of held.keys()) if ('sendQueue' in one && one.state === 'CLOSED') tcbs.add(one);
  const isTimeWait = (connection: Connection): connection is TimeWait => !isTcb(connection);
  return {
    name: host.name,
    connections: [...tcbs].map((tcb) => ofConnection(tcb, held.get(tcb))).sort(byId),
    listeners: [...host.connections.listeners()].map((listener) => ofListener(listener, held.get(listener))).sort(byId),
    timeWait: all.filter(isTimeWait).map(ofTimeWait).sort(byId),
    idleSockets,
    udp: udp.sort(byId),
    unix: unix.sort(byId),
    counters: host.counters.all(),
  };
}
