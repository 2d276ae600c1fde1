import type { KernelSocketRecord, SocketHolder, SocketTimer } from '../../../preload/sockets.ts';
import type { KernelEnd } from '../../kernel/socket.ts';
import type { ListedSocket, SocketDetail } from '../../kernel/socket-table.ts';
import { tcpInfoIn } from '../../kernel/tcp-info.ts';
import type { TcpState } from '../../tcp-model/states.ts';
import { ipAddressAt } from '../../wire/ip-address.ts';
import { stateOf } from './socket-states.ts';

/** The kernel's numbers of users and interfaces by name. */
export interface Names {
  readonly users: ReadonlyMap<number, string>;
  readonly interfaces: ReadonlyMap<number, string>;
}

/** An end in the words of the contract. */
export const endpointOf = ({ octets, port }: KernelEnd) => ({ address: ipAddressAt(octets, 0, octets.length === 4 ? 4 : 6), port });

const MAPPED = '::ffff:';
/** An address as packets have it: IPv4 within an IPv6 socket is IPv4. */
export const onWire = (address: string): string =>
  address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address;

/** A socket in the words of the contract. Who owns it, and what waits in a listener's SYN queue, others know. */
export function socketRecord(socket: ListedSocket, names: Names): KernelSocketRecord {
  const { local, remote, detail, uid, inode, isHeld } = socket;
  const state = stateOf(socket.state);
  const user = names.users.get(uid);
  const holder = holderOf(socket, state);
  const tcpInfo = detail?.info && tcpInfoIn(detail.info);
  return {
    id: detail?.cookie.toString(16) ?? placeOf(socket),
    state,
    family: local.octets.length === 4 ? 4 : 6,
    local: endpointOf(local),
    ...(remote.port !== 0 && { remote: endpointOf(remote) }),
    ...(detail?.device && { interface: names.interfaces.get(detail.device) ?? String(detail.device) }),
    ...(detail?.v6Only === 1 && { v6Only: true }),
    holder,
    owners: [],
    ...(isHeld && { uid, ...(user !== undefined && { user }) }),
    inode,
    ...queuesOf(socket, state, tcpInfo?.tcpi_notsent_bytes),
    ...timerOf(socket, state, holder),
    ...(tcpInfo && { tcpInfo }),
    ...(detail && detailsOf(detail, tcpInfo?.tcpi_ca_state)),
  };
}

/** Without a cookie a socket is where it is. */
const placeOf = ({ local, remote, inode }: ListedSocket): string =>
  [local, remote].map(({ octets, port }) => `${Buffer.from(octets).toString('hex')}:${port}`).join('-') + (inode ? `-${inode}` : '');

/** Half-open connections have no tcp_info: that tells them from one whose SYN brought data, which waits for accept already. */
function holderOf({ isHeld, detail }: ListedSocket, state: TcpState): SocketHolder {
  if (isHeld) return 'process';
  if (state === 'SYN-RECEIVED') return detail?.info ? 'accept-queue' : 'syn-queue';
  return state === 'ESTABLISHED' || state === 'CLOSE-WAIT' ? 'accept-queue' : 'kernel';
}

function queuesOf({ send, receive, detail }: ListedSocket, state: TcpState, unsent: number | undefined): Partial<KernelSocketRecord> {
  if (state === 'LISTEN')
    return {
      listener: {
        accept: { length: receive, ...(detail && { backlog: send }) },
        syn: { length: 0, shared: false },
        ...(detail?.memory && { drops: detail.memory.drops }),
      },
    };
  return { sendQueue: { length: send, ...(unsent !== undefined && { unsent }) }, receiveQueue: { length: receive } };
}

/** Linux's numbers of timers; 2 serves several (inet_diag.c). */
const TIMERS: readonly (SocketTimer | undefined)[] = [undefined, 'retransmission', 'keep-alive', 'time-wait', 'persist'];

function timerOf({ timer, expires, retransmissions }: ListedSocket, state: TcpState, holder: SocketHolder): Partial<KernelSocketRecord> {
  if (timer === 0) return {};
  const named = TIMERS[timer] ?? 'unknown';
  const kind =
    holder === 'syn-queue' ? 'syn-ack' : state === 'FIN-WAIT-2' && holder === 'kernel' && named !== 'unknown' ? 'fin-wait-2' : named;
  return { timer: { kind, left: expires, tries: retransmissions } };
}

const CONGESTION_STATES = ['open', 'disorder', 'cwr', 'recovery', 'loss'] as const;

function detailsOf(
  { congestion, algorithm, memory, tos, trafficClass, shutdown, mark, cgroup }: SocketDetail,
  congestionState: number | undefined,
): Partial<KernelSocketRecord> {
  const state = congestionState === undefined ? undefined : CONGESTION_STATES[congestionState];
  return {
    ...(congestion !== undefined && {
      congestion: { algorithm: congestion, ...(state && { state }), ...(algorithm && { details: algorithm }) },
    }),
    ...(memory && { memory }),
    ...(shutdown !== undefined && { shutdown: { receive: (shutdown & 1) !== 0, send: (shutdown & 2) !== 0 } }),
    ...(tos !== undefined && { tos }),
    ...(trafficClass !== undefined && { trafficClass }),
    ...(mark !== undefined && { mark }),
    ...(cgroup !== undefined && { cgroup: cgroup.toString() }),
  };
}
