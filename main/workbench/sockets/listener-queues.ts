import type { KernelSocketRecord } from '../../../preload/sockets.ts';

type Place = Pick<KernelSocketRecord, 'local' | 'family' | 'v6Only' | 'interface'>;

const MAPPED = '::ffff:';

/** How well a listener fits a half-open connection: its own address before any, its own interface before all; 0 where it does not. */
function closeness(listener: Place, request: Place): number {
  if (listener.interface !== undefined && listener.interface !== request.interface) return 0;
  const { address } = listener.local;
  const isOwn = address === request.local.address;
  const isIpv4 = request.family === 4 || request.local.address.startsWith(MAPPED);
  const isAny = isIpv4 ? address === '0.0.0.0' || (address === '::' && !listener.v6Only) : address === '::';
  if (!isOwn && !isAny) return 0;
  return 1 + (isOwn ? 4 : 0) + (listener.interface === undefined ? 0 : 2) + (isIpv4 && address === '::' ? 0 : 1);
}

/** How many half-open connections each listener has. Several may listen in the same place (SO_REUSEPORT); then each is told of all of them. */
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
    const fits = (byPort.get(request.local.port) ?? []).map((listener) => ({ listener, how: closeness(listener, request) }));
    const best = Math.max(1, ...fits.map(({ how }) => how));
    const chosen = fits.filter(({ how }) => how === best);
    for (const { listener } of chosen) {
      const queue = queues.get(listener)!;
      queue.length++;
      queue.shared = chosen.length > 1;
    }
  }
  return queues;
}
