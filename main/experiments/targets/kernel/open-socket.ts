import { STATE_NUMBERS } from '../../../engine/tcp/info.ts';
import type { KernelEnd, KernelSocket } from '../../../kernel/socket.ts';
import { listSockets } from '../../../kernel/socket-table.ts';
import { kernelTcpInfo } from '../../../kernel/tcp-info.ts';
import type { TcpState } from '../../../tcp-model/states.ts';
import { ipAddressAt } from '../../../wire/ip-address.ts';
import type { QueuedConnection, Queues, SocketAddress } from '../../lab/values.ts';
import type { SocketView } from '../target.ts';
import type { LiveTap } from './live-tap.ts';

/** What one or several descriptors of a script name: a socket of the kernel, and what the laboratory has to remember of it. */
export interface OpenSocket {
  readonly socket: KernelSocket;
  readonly isIpv6: boolean;
  readonly isStream: boolean;
  /** Descriptors that name it; 0 once it is closed. */
  descriptors: number;
  nonBlocking: boolean;
  isBound: boolean;
  /** The script bound it to every address of its host. */
  isForAny: boolean;
  isListener: boolean;
  /** Both ends as the script knows them, once there are any. */
  local: SocketAddress | undefined;
  remote: SocketAddress | undefined;
}

export interface ViewSources {
  readonly tap: LiveTap;
  /** An end on this machine as the script knows it. */
  readonly named: (end: SocketAddress) => SocketAddress;
}

/** A socket as it stands now: from the kernel, and its past from what was captured. Each is asked for only when it is read. */
export class KernelSocketView implements SocketView {
  private readonly subject: OpenSocket;
  private readonly sources: ViewSources;

  constructor(subject: OpenSocket, sources: ViewSources) {
    this.subject = subject;
    this.sources = sources;
  }

  get state(): TcpState {
    const { subject } = this;
    const told = subject.descriptors > 0 ? stateNamed(this.tcpInfo.tcpi_state) : 'CLOSED';
    if (told !== 'CLOSED' || !subject.remote) return told;
    // What is closed, or waits in TIME-WAIT, is no longer the descriptor's.
    return this.listed().find(({ remote }) => same(remote, subject.remote!))?.state ?? 'CLOSED';
  }

  get history(): readonly TcpState[] {
    const { local, remote, isListener, descriptors } = this.subject;
    if (isListener) return descriptors > 0 ? ['CLOSED', 'LISTEN'] : ['CLOSED', 'LISTEN', 'CLOSED'];
    if (!local || !remote) return ['CLOSED'];
    for (const { client, server } of [...this.sources.tap.connections()].reverse()) {
      const [a, b] = [this.sources.named(client), this.sources.named(server)];
      if (same(a, local) && same(b, remote)) return client.history;
      if (same(b, local) && same(a, remote)) return server.history;
    }
    return ['CLOSED'];
  }

  get queues(): Queues {
    const { subject } = this;
    if (subject.descriptors === 0) return NO_QUEUES;
    const queue = (request: 'SIOCINQ' | 'SIOCOUTQ'): number => {
      const octets = subject.socket.queue(request);
      return octets.ok ? octets.value : 0;
    };
    if (!subject.isListener) return { ...NO_QUEUES, send: queue('SIOCOUTQ'), receive: queue('SIOCINQ') };
    const waiting = this.listed();
    return {
      ...NO_QUEUES,
      syn: waiting.filter(({ state }) => state === 'SYN-RECEIVED'),
      accept: waiting.filter(({ state, isHeld }) => !isHeld && (state === 'ESTABLISHED' || state === 'CLOSE-WAIT')),
      backlog: this.tcpInfo.tcpi_sacked ?? 0,
    };
  }

  get tcpInfo(): Readonly<Record<string, number>> {
    return this.subject.descriptors > 0 ? kernelTcpInfo(this.subject.socket) : {};
  }

  /** What the kernel lists with this socket's own address and port. */
  private listed(): (QueuedConnection & { readonly isHeld: boolean })[] {
    const { local, isIpv6 } = this.subject;
    return listSockets(isIpv6 ? 6 : 4)
      .filter((one) => local && one.remote.port !== 0 && same(this.named(one.local), local))
      .map(({ remote, state, receive, isHeld }) => ({
        remote: this.named(remote),
        state: stateNamed(state),
        receive,
        isHeld,
      }));
  }

  private named({ octets, port }: KernelEnd): SocketAddress {
    return this.sources.named({ address: textOf(octets), port });
  }
}

const NO_QUEUES: Queues = { syn: [], accept: [], backlog: 0, send: 0, receive: 0, outOfOrder: 0 };
const NEW_SYN_RECV = 12;

const STATES = new Map(Object.entries(STATE_NUMBERS).map(([state, number]) => [number, state as TcpState]));
const stateNamed = (number: number | undefined): TcpState =>
  number === NEW_SYN_RECV ? 'SYN-RECEIVED' : (number !== undefined && STATES.get(number)) || 'CLOSED';

export const same = (a: SocketAddress, b: SocketAddress): boolean => a.address === b.address && a.port === b.port;

/** The address in its own spelling; the caller has seen that there is one. */
export const textOf = (octets: Uint8Array) => ipAddressAt(octets, 0, octets.length === 4 ? 4 : 6);
