import type { IpAddress } from '../wire/ip-address.ts';
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
  /**
   * Remote addresses as small numbers, so that the four numbers of a connection make one Map key without building text.
   * An address has its number while a connection uses it: who only sends segments here, under whatever name, leaves no trace.
   */
  private readonly remotes = new Map<IpAddress, { readonly id: number; uses: number }>();
  private readonly freeIds: number[] = [];
  private readonly byLocal = new Map<IpAddress, Map<number, Connection>>();
  private readonly listenersByPort = new Map<number, Listener[]>();
  private size = 0;
  /** Connections no descriptor refers to any more, TIME-WAIT not counted. */
  orphans = 0;
  timeWaits = 0;

  get count(): number {
    return this.size;
  }

  find(ends: Ends): Connection | undefined {
    const remote = this.remotes.get(ends.remoteAddress);
    return remote && this.byLocal.get(ends.localAddress)?.get(key(remote.id, ends));
  }

  add(connection: Connection): void {
    let table = this.byLocal.get(connection.localAddress);
    if (!table) {
      table = new Map();
      this.byLocal.set(connection.localAddress, table);
    }
    table.set(key(this.use(connection.remoteAddress), connection), connection);
    this.size++;
    if (!isTcb(connection)) this.timeWaits++;
  }

  remove(connection: Connection): void {
    const remote = this.remotes.get(connection.remoteAddress);
    const table = this.byLocal.get(connection.localAddress);
    if (!remote || !table || table.get(key(remote.id, connection)) !== connection) return;
    table.delete(key(remote.id, connection));
    if (--remote.uses === 0) {
      this.remotes.delete(connection.remoteAddress);
      this.freeIds.push(remote.id);
    }
    this.size--;
    if (!isTcb(connection)) this.timeWaits--;
  }

  /** The number of an address that one connection more uses. */
  private use(address: IpAddress): number {
    let remote = this.remotes.get(address);
    if (!remote) {
      remote = { id: this.freeIds.pop() ?? this.remotes.size, uses: 0 };
      this.remotes.set(address, remote);
    }
    remote.uses++;
    return remote.id;
  }

  *[Symbol.iterator](): Iterator<Connection> {
    for (const table of this.byLocal.values()) yield* table.values();
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
    for (const [local, table] of this.byLocal) {
      if (local !== address && !isUnspecified(address)) continue;
      for (const connection of table.values()) if (connection.localPort === port) yield connection;
    }
  }
}

export const isTcb = (connection: Connection): connection is Tcb => connection instanceof Tcb;

const key = (remoteId: number, { remotePort, localPort }: Ends): number => (remoteId * 65_536 + remotePort) * 65_536 + localPort;

/** One of those that fit: the only one almost always, else the one that the hashed port falls on. */
function oneOf(listeners: readonly Listener[], remotePort: number, fits: (listener: Listener) => boolean): Listener | undefined {
  const [only] = listeners;
  if (listeners.length === 1) return only && fits(only) ? only : undefined;
  const fitting = listeners.filter(fits);
  return fitting[(Math.imul(remotePort, 0x9e3779b1) >>> 16) % fitting.length];
}
