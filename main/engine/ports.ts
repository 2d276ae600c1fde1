import { type IpAddress, ipVersionOf } from '../wire/ip-address.ts';
import { seconds } from '../wire/units.ts';
import { isTcb } from './connection-table.ts';
import type { Host } from './host.ts';
import type { Ends } from './probes.ts';
import { portOffset } from './tcp/isn.ts';

/** A socket's hold on a local address and port. */
export interface Binding {
  readonly address: IpAddress;
  readonly port: number;
  /** The user named the port (Linux SOCK_BINDPORT_LOCK); else the system chose, and it goes with the connection. */
  readonly portIsUsers: boolean;
  readonly ipv6Only: boolean;
  readonly reuseAddress: () => boolean;
  readonly reusePort: () => boolean;
  readonly isListening: () => boolean;
}

/** A local address as bind() knows it. */
export interface BoundAddress {
  readonly address: IpAddress;
  /** IPV6_V6ONLY: the any address of IPv6 does not mean those of IPv4. */
  readonly ipv6Only: boolean;
}

/** Could one packet be meant for both (Linux inet_rcv_saddr_equal)? */
export function conflictInAddress(a: BoundAddress, b: BoundAddress): boolean {
  if (a.address === b.address) return true;
  const covers = (any: BoundAddress, other: BoundAddress): boolean =>
    any.address === '0.0.0.0'
      ? ipVersionOf(other.address) === 4 || (other.address === '::' && !other.ipv6Only)
      : any.address === '::' && (ipVersionOf(other.address) === 6 || !any.ipv6Only);
  return covers(a, b) || covers(b, a);
}

/** What a socket says of its own claim to a port. */
type Holder = Omit<Binding, 'address' | 'port' | 'portIsUsers'>;

/** Ports come back a minute after they were used, so it is too early to look at all of them again for every connection. */
const EVEN_PAUSE = seconds(1);

/** Which ports are taken, and by whom (Linux inet_csk_get_port, __inet_hash_connect). */
export class Ports {
  private readonly host: Host;
  /** How far the search has come, by destination: the next one goes on from there (RFC 6056 §3.3.4). */
  private readonly progress = new Uint32Array(256);
  /** Until when connect() leaves the even ports alone, by destination: the last search found them all taken. */
  private readonly evenAgainAt = new Float64Array(256);
  private readonly bindings = new Map<number, Set<Binding>>();

  constructor(host: Host) {
    this.host = host;
  }

  /**
   * Two sockets may share a port when both allow it with SO_REUSEADDR and none of them listens, so that a server can come
   * back while connections of its former self are in TIME-WAIT; or when both said SO_REUSEPORT (inet_csk_bind_conflict).
   */
  private isFree(address: IpAddress, port: number, mine: Holder): boolean {
    const here: BoundAddress = { address, ipv6Only: mine.ipv6Only };
    const reuse = mine.reuseAddress();
    for (const other of this.bindings.get(port) ?? []) {
      if (!conflictInAddress(here, other) || (mine.reusePort() && other.reusePort())) continue;
      if (!reuse || !other.reuseAddress() || other.isListening()) return false;
    }
    for (const connection of this.host.connections.onPort(address, port)) {
      if (!conflictInAddress(here, { address: connection.localAddress, ipv6Only: true })) continue;
      const settings = isTcb(connection) ? connection.settings : connection;
      if (!(reuse && settings.reuseAddress) && !(mine.reusePort() && settings.reusePort)) return false;
    }
    return true;
  }

  /** Port 0 asks for any free one. Undefined: the port, or all of them, are in use. */
  bind(address: IpAddress, port: number, holder: Holder): Binding | undefined {
    const chosen = port === 0 ? this.anyFree(address, holder) : port;
    if (chosen === undefined || (port !== 0 && !this.isFree(address, port, holder))) return undefined;
    const binding = { ...holder, address, port: chosen, portIsUsers: port !== 0 };
    const here = this.bindings.get(chosen);
    if (here) here.add(binding);
    else this.bindings.set(chosen, new Set([binding]));
    return binding;
  }

  release(binding: Binding): void {
    const here = this.bindings.get(binding.port);
    here?.delete(binding);
    if (here?.size === 0) this.bindings.delete(binding.port);
  }

  /** May a listener start here? Binding alone may have been shared, listening may not. */
  mayListen(binding: Binding): boolean {
    for (const other of this.bindings.get(binding.port) ?? [])
      if (other !== binding && other.isListening() && conflictInAddress(binding, other) && !(binding.reusePort() && other.reusePort()))
        return false;
    return true;
  }

  /** bind(0) takes odd numbers first and leaves the even ones to connect, as Linux does. */
  private anyFree(address: IpAddress, holder: Holder): number | undefined {
    const start = this.host.random.u32();
    return this.search(
      start,
      1,
      (port) => !this.bindings.has(port) && this.isFree(address, port, { ...holder, reuseAddress: () => false, reusePort: () => false }),
    );
  }

  /** A port for an active open: the pair of ends must be new, and nobody may have bound the port. Undefined: none is left. */
  ephemeral({ localAddress, remoteAddress, remotePort }: Omit<Ends, 'localPort'>): number | undefined {
    const wanted = { localAddress, localPort: 0, remoteAddress, remotePort };
    const offset = portOffset(this.host, wanted);
    const slot = offset % this.progress.length;
    const start = offset + this.progress[slot]!;
    const isFree = (port: number): boolean => {
      wanted.localPort = port;
      return !this.bindings.has(port) && this.isNewPair(wanted);
    };
    const { now } = this.host.clock;
    const parity = now < this.evenAgainAt[slot]! ? 1 : 0;
    const port = this.search(start, parity, isFree);
    if (port === undefined) return undefined;
    const { low, count } = this.range;
    this.progress[slot]! += ((port - low - (start % count) + count) % count) + 2;
    if (parity === 0 && port % 2 === 1) this.evenAgainAt[slot] = now + EVEN_PAUSE;
    return port;
  }

  /** A connection in TIME-WAIT blocks its pair too, unless it may be reopened. */
  isNewPair(ends: Ends, chosenByUser = false): boolean {
    const connection = this.host.connections.find(ends);
    return connection === undefined || (!isTcb(connection) && connection.mayReopen(chosenByUser));
  }

  private get range(): { readonly low: number; readonly count: number } {
    const [low, high] = this.host.sysctls.now['net.ipv4.ip_local_port_range'] as readonly [number, number];
    return { low, count: Math.max(0, high - low + 1) };
  }

  private search(start: number, parity: 0 | 1, isFree: (port: number) => boolean): number | undefined {
    const { low, count } = this.range;
    const first = (start % Math.max(count, 1)) | 0; // whole for the machine too, or every port would be boxed as a fraction
    for (const wanted of [parity, 1 - parity]) {
      for (let i = 0; i < count; i++) {
        const port = low + ((first + i) % count);
        if (port % 2 === wanted && isFree(port)) return port;
      }
    }
    return undefined;
  }
}
