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

  /** `seed` is this host's secret: see FourTupleTable. */
  constructor(seed: number) {
    this.connections = new FourTupleTable(seed);
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
   * port (SO_REUSEPORT) the client's port chooses, so that its segments always meet the same one.
   */
  listenerFor(address: IpAddress, port: number, remotePort = 0): Listener | undefined {
    const here = this.listenersByPort.get(port);
    if (!here) return undefined;
    const version = isIpv6(address);
    return (
      oneOf(here, remotePort, ({ localAddress }) => localAddress === address) ??
      oneOf(here, remotePort, ({ localAddress }) => isUnspecified(localAddress) && isIpv6(localAddress) === version) ??
      oneOf(here, remotePort, ({ localAddress, settings }) => localAddress === '::' && !settings.ipv6Only)
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

/** One of those that fit: the only one almost always, else the one that the hashed port falls on. */
function oneOf(listeners: readonly Listener[], remotePort: number, fits: (listener: Listener) => boolean): Listener | undefined {
  const [only] = listeners;
  if (listeners.length === 1) return only && fits(only) ? only : undefined;
  const fitting = listeners.filter(fits);
  return fitting[(Math.imul(remotePort, 0x9e3779b1) >>> 16) % fitting.length];
}
