import type { Instant, Session } from '../../preload/contract.ts';
import { type ConnectionTable, secondsSince } from '../stores/connections.ts';
import { engineStore } from '../stores/engine.ts';

/** How far a capture's clock may run from ours before we stop believing they are the same. */
const TRUSTED = 3600;

/**
 * The session's present, in seconds since its first packet: a running capture goes on although nothing arrives. Ended
 * sessions stand still at the last thing known.
 */
export function nowOf(session: Session | undefined, table: ConnectionTable): number {
  const { origin, latest } = table;
  if (!origin || !latest) return 0;
  const last = secondsSince(origin, latest);
  const clock = session?.status.kind === 'running' ? clockOf(session, origin) : undefined;
  return clock !== undefined && clock > last && clock - last < TRUSTED ? clock : last;
}

function clockOf(session: Session, origin: Instant): number | undefined {
  if (session.source.kind === 'live') return Date.now() / 1000 - origin.seconds - origin.nanoseconds / 1e9;
  const { view, time } = engineStore.getState();
  return session.id === view?.session ? time - origin.seconds - origin.nanoseconds / 1e9 : undefined;
}
