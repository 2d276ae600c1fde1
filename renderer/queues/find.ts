import type { ConnectionRecord, EngineSnapshot } from '../../preload/contract.ts';
import type { Side } from '../side.ts';
import type { ConnectionSnapshot, ListenerSnapshot } from '../stores/snapshot-history.ts';
import type { Point } from './decimate.ts';

/** One end of a captured connection as the engine itself knows it; undefined once, or before, it has no socket. */
export function socketOf(
  snapshot: EngineSnapshot,
  record: Pick<ConnectionRecord, 'client' | 'server'>,
  side: Side,
): ConnectionSnapshot | undefined {
  const near = record[side];
  const far = record[side === 'client' ? 'server' : 'client'];
  for (const host of snapshot.hosts)
    for (const connection of host.connections)
      if (
        connection.localPort === near.port &&
        connection.remotePort === far.port &&
        connection.localAddress === near.address &&
        connection.remoteAddress === far.address
      )
        return connection;
  return undefined;
}

/** Until when an end waits out 2MSL, in nanoseconds of the engine's time; undefined when it does not. */
export function timeWaitOf(snapshot: EngineSnapshot, record: Pick<ConnectionRecord, 'client' | 'server'>, side: Side): number | undefined {
  const near = record[side];
  const far = record[side === 'client' ? 'server' : 'client'];
  return snapshot.hosts
    .flatMap((host) => host.timeWait)
    .find(
      (one) =>
        one.localPort === near.port &&
        one.remotePort === far.port &&
        one.localAddress === near.address &&
        one.remoteAddress === far.address,
    )?.due;
}

export interface HostListener {
  readonly host: string;
  readonly listener: ListenerSnapshot;
}

export const listenersOf = (snapshot: EngineSnapshot): readonly HostListener[] =>
  snapshot.hosts.flatMap((host) => host.listeners.map((listener) => ({ host: host.name, listener })));

/** The lengths of a listener's two queues over time. */
export function listenerSeries(snapshots: readonly EngineSnapshot[], host: string, id: number): readonly Point[] {
  const points: Point[] = [];
  for (const snapshot of snapshots) {
    const listener = snapshot.hosts.find((h) => h.name === host)?.listeners.find((l) => l.id === id);
    if (listener) points.push({ time: snapshot.now / 1e9, syn: listener.synQueue.length, accept: listener.acceptQueue.length });
  }
  return points;
}

export const SOCKET_LINES = ['unacked', 'unsent', 'inOrder', 'outOfOrder'] as const;
export const WINDOW_LINES = ['cwnd', 'flight', 'sndWnd'] as const;

/** Both queues and the windows, in octets, of one end over time. */
export function socketSeries(
  snapshots: readonly EngineSnapshot[],
  record: Pick<ConnectionRecord, 'client' | 'server'>,
  side: Side,
): readonly Point[] {
  const points: Point[] = [];
  for (const snapshot of snapshots) {
    const socket = socketOf(snapshot, record, side);
    if (!socket) continue;
    const { queues, sequence, cwnd, mss } = socket;
    points.push({
      time: snapshot.now / 1e9,
      unacked: queues.sendUnacked,
      unsent: queues.sendUnsent,
      inOrder: queues.receiveInOrder,
      outOfOrder: queues.receiveOutOfOrder,
      cwnd: cwnd * mss,
      flight: queues.sendUnacked,
      sndWnd: sequence.sndWnd,
    });
  }
  return points;
}
