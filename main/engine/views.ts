import type { Nanos } from '../wire/units.ts';
import type { Ends } from './probes.ts';
import type {
  ConnectionSnapshot,
  IdleSocketSnapshot,
  ListenerSnapshot,
  Owner,
  QueuedConnection,
  TimeWaitSnapshot,
  UdpSnapshot,
  UnixSnapshot,
} from './snapshot.ts';
import type { Socket } from './sockets/socket.ts';
import type { Listener } from './tcp/listener.ts';
import type { Tcb } from './tcp/tcb.ts';
import type { TimeWait } from './tcp/time-wait.ts';
import type { UdpEndpoint } from './udp/udp-endpoint.ts';
import type { UnixEndpoint } from './unix/unix-endpoint.ts';

export const ofUdp = (endpoint: UdpEndpoint, owner: Owner): UdpSnapshot => ({
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

export const ofUnix = ({ id, type, path, peer, pending, queued, backlog }: UnixEndpoint, owner: Owner): UnixSnapshot => ({
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

export function ofConnection(tcb: Tcb, owner: Owner | undefined): ConnectionSnapshot {
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

export const ofQueued = (tcb: Tcb): QueuedConnection => ({
  id: tcb.id,
  remoteAddress: tcb.remoteAddress,
  remotePort: tcb.remotePort,
  state: tcb.state,
});

export const ofListener = (listener: Listener, owner: Owner | undefined): ListenerSnapshot => ({
  id: listener.id,
  localAddress: listener.localAddress,
  localPort: listener.localPort,
  owner,
  backlog: listener.limit,
  synQueue: [...listener.synQueue].map(ofQueued),
  acceptQueue: [...listener.acceptQueue].map(ofQueued),
  overflows: listener.overflows,
  drops: listener.drops,
});

export const ofTimeWait = (one: TimeWait): TimeWaitSnapshot => ({ id: one.id, ...endsOf(one), due: one.due });

export const ofIdle = ({ binding }: Socket, owner: Owner): IdleSocketSnapshot => ({
  owner,
  localAddress: binding?.address,
  localPort: binding?.port,
});
