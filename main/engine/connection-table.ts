import type { IpAddress } from '../wire/ip-address.ts';
import { FourTupleTable } from './four-tuple-table.ts';
import type { Ends } from './probes.ts';
import type { Listener } from './tcp/listener.ts';
import { Tcb } from './tcp/tcb.ts';
import type { TimeWait } from './tcp/time-wait.ts';

export type Connection = Tcb | TimeWait;

export const isUnspecified = (address: IpAddress): boolean => address === '0.0.0.0' || address === '::';
const isIpv6 = (address: IpAddress): boolean => address.includes(':');

/**
 * Who gets a segment (RFC 9293 §3.10.7): the connection with exactly its four numbers, else the listener on its address
 * and port, else the listener on any address.
 */
export class ConnectionTable {
  private readonly connections: FourTupleTable<Connection>;
  private readonly listenersByPort = new Map<number, Listener[]>();
  /** Connections no descriptor refers to any more, TIME-WAIT not counted. */
  orphans = 0;
  timeWaits = 0;
  private readonly hash: HashOfEnds;

  /** `seed` is this host's secret: see FourTupleTable. `hash` shares out what comes to a port that several listen on. */
  constructor(seed: number, hash: HashOfEnds) {
    this.connections = new FourTupleTable(seed);
    this.hash = hash;
  }

  get count(): number {
    return this.connections.size;
  }

  find(ends: Ends): Connection | undefined {
    return this.connections.find(ends);
  }

  add(connection: Connection): void {
    this.connections.add(connection);
    if (!isTcb(connection)) this.timeWaits++;
  }

  remove(connection: Connection): void {
    if (this.connections.remove(connection) && !isTcb(connection)) this.timeWaits--;
  }

  /** The oldest first. */
  [Symbol.iterator](): Iterator<Connection> {
    return [...this.connections].sort((a, b) => a.id - b.id)[Symbol.iterator]();
  }

  addListener(listener: Listener): void {
    const others = this.listenersByPort.get(listener.localPort) ?? [];
    this.listenersByPort.set(listener.localPort, [...others, listener]);
  }

  removeListener(listener: Listener): void {
    const left = (this.listenersByPort.get(listener.localPort) ?? []).filter((other) => other !== listener);
    if (left.length > 0) this.listenersByPort.set(listener.localPort, left);
    else this.listenersByPort.delete(listener.localPort);
  }

  /**
   * A listener on IPv6's any address also takes IPv4 (a dual-stack socket), after one on IPv4's. Of several that share the
   * port (SO_REUSEPORT) a hash of the connection's four numbers chooses, so that its segments always meet the same one.
   */
  listenerFor(ends: Ends): Listener | undefined {
    const here = this.listenersByPort.get(ends.localPort);
    if (!here) return undefined;
    const { hash } = this;
    const { localAddress: address } = ends;
    const version = isIpv6(address);
    return (
      oneOf(here, ends, hash, ({ localAddress }) => localAddress === address) ??
      oneOf(here, ends, hash, ({ localAddress }) => isUnspecified(localAddress) && isIpv6(localAddress) === version) ??
      oneOf(here, ends, hash, ({ localAddress, settings }) => localAddress === '::' && !settings.ipv6Only)
    );
  }

  *listeners(): Iterable<Listener> {
    for (const listeners of this.listenersByPort.values()) yield* listeners;
  }

  /** Connections, TIME-WAIT included, that use a local port on that address (any of them for the unspecified one). */
  *onPort(address: IpAddress, port: number): Iterable<Connection> {
    for (const connection of this.connections) {
      if (connection.localPort === port && (connection.localAddress === address || isUnspecified(address))) yield connection;
    }
  }
}

export const isTcb = (connection: Connection): connection is Tcb => connection instanceof Tcb;

/** A keyed hash of the four numbers, 32 bits. */
export type HashOfEnds = (ends: Ends) => number;

/** One of those that fit: the only one almost always, else the one that the hash falls on (Linux reuseport_select_sock). */
function oneOf(listeners: readonly Listener[], ends: Ends, hash: HashOfEnds, fits: (listener: Listener) => boolean): Listener | undefined {
  const [only] = listeners;
  if (listeners.length === 1) return only && fits(only) ? only : undefined;
  const fitting = listeners.filter(fits);
  return fitting.length > 1 ? fitting[share(hash(ends), fitting.length)] : fitting[0];
}

/** Which of so many shares a hash of 32 bits falls into (Linux reciprocal_scale). */
export const share = (hash: number, shares: number): number => Math.floor((hash / 2 ** 32) * shares);
