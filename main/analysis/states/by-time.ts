import { State } from '../change-log.ts';
import type { Clock } from '../clock.ts';
import { type Connection, Life, NEVER } from '../connection-store.ts';
import type { Flow } from '../flow.ts';
import type { PacketColumns } from '../packet-columns.ts';

// What follows from time alone. Nothing of it is written down: a claim holds as long as time says so and no packet objects.

/** 2MSL as Linux has it. */
export const TIME_WAIT_NANOSECONDS = 60e9;
/** The retransmission timer doubles (RFC 6298 §5.5), so a SYN is due again after twice the last interval. */
const BACKOFF = 2;
/** The timer of a SYN starts at a second (RFC 6298 §2.1): one that comes sooner was doubled on the way, or sent by a program anew. */
const FIRST_INTERVAL_NANOSECONDS = 1e9;
/** A SYN may come late by this part of its interval: timers are coarse, and links jitter. */
const LATENESS = 1 / 8;

/** Only in these states does an endpoint change by time that a capture can tell. */
export const waitsForTime = (flow: Flow): boolean => flow.state === State['TIME-WAIT'] || flow.state === State['SYN-SENT'];

/** How long after its last SYN an endpoint that was never answered had to send another; undefined where nobody can say. */
export function synPatience(connection: Connection, flow: Flow): number | undefined {
  if (flow.state !== State['SYN-SENT'] || connection.has(Life.ANSWERED) || connection.synInterval <= 0) return undefined;
  return BACKOFF * Math.max(connection.synInterval, FIRST_INTERVAL_NANOSECONDS);
}

/** When the analysis will say that an endpoint is CLOSED though no packet does; NEVER where it will not. */
export function closesAt(columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): number {
  const patience = synPatience(connection, flow);
  if (patience !== undefined) return connection.synTime + patience * (1 + LATENESS);
  // A new connection on the 4-tuple ended it sooner.
  if (flow.state !== State['TIME-WAIT'] || connection.has(Life.SUPERSEDED)) return NEVER;
  return columns.time(flow.clockPacket, clock) + TIME_WAIT_NANOSECONDS;
}

export const isClosedByTime = (columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): boolean =>
  closesAt(columns, clock, connection, flow) <= clock.passed;
