import type { KernelSocketRecord } from '../../../preload/sockets.ts';
import { onWire } from './socket-record.ts';

/** Where something listens, or where a connection to it came. */
export type Place = Pick<KernelSocketRecord, 'local' | 'v6Only' | 'interface'>;

/** How well a listener fits a connection: its own address before any, its own interface before all; 0 where it does not. */
function closeness(listener: Place, connection: Place): number {
  if (listener.local.port !== connection.local.port) return 0;
  if (listener.interface !== undefined && listener.interface !== connection.interface) return 0;
  const { address } = listener.local;
  const to = onWire(connection.local.address);
  const isIpv4 = !to.includes(':');
  const isOwn = onWire(address) === to;
  const isAny = (isIpv4 && address === '0.0.0.0') || (address === '::' && !(isIpv4 && listener.v6Only));
  if (!isOwn && !isAny) return 0;
  return 1 + (isOwn ? 4 : 0) + (listener.interface === undefined ? 0 : 2) + (isIpv4 && address === '::' ? 0 : 1);
}

/** The listener that a connection came to; several where they listen in the same place (SO_REUSEPORT). */
export function closest<L extends Place>(listeners: readonly L[], connection: Place): readonly L[] {
  const found = listeners.map((listener) => ({ listener, how: closeness(listener, connection) }));
  const best = Math.max(1, ...found.map(({ how }) => how));
  return found.filter(({ how }) => how === best).map(({ listener }) => listener);
}

/** How many half-open connections each listener has. Each of several in the same place is told of all of them. */
export function synQueues<L extends Place>(
  listeners: readonly L[],
  requests: readonly Place[],
): ReadonlyMap<L, { length: number; shared: boolean }> {
  const byPort = new Map<number, L[]>();
  const queues = new Map<L, { length: number; shared: boolean }>();
  for (const listener of listeners) {
    queues.set(listener, { length: 0, shared: false });
    const there = byPort.get(listener.local.port);
    if (there) there.push(listener);
    else byPort.set(listener.local.port, [listener]);
  }
  for (const request of requests) {
    const chosen = closest(byPort.get(request.local.port) ?? [], request);
    for (const listener of chosen) {
      const queue = queues.get(listener)!;
      queue.length++;
      queue.shared = chosen.length > 1;
    }
  }
  return queues;
}
