import { type Connection, Life } from '../connection-store.ts';
import type { EventLog, LoggedEvent } from '../event-log.ts';
import type { PacketColumns } from '../packet-columns.ts';
import type { ConnectionEvent } from '../record.ts';
import { instantOf, sideOf } from './packets.ts';

/**
 * A connection's events in the order of its packets, the latest `most` of them. `abandoned` is the SYN its client gave
 * up after, or -1: no packet tells of that, and it comes last.
 */
export function eventsOf(
  columns: PacketColumns,
  log: EventLog,
  connection: Connection,
  abandoned: number,
  most: number,
): Iterable<ConnectionEvent> {
  // What the cursor tells is read at once: it is moved while the events are asked for.
  return eventsFrom(columns, log, connection.lastEvent, connection.has(Life.CLIENT_SECOND), abandoned, most);
}

function* eventsFrom(
  columns: PacketColumns,
  log: EventLog,
  last: number,
  clientSecond: boolean,
  abandoned: number,
  most: number,
): Generator<ConnectionEvent> {
  for (const event of log.latest(last, abandoned < 0 ? most : most - 1)) yield eventOf(columns, clientSecond, event);
  if (abandoned >= 0 && most > 0)
    yield eventOf(columns, clientSecond, { kind: 'syn-timeout', packet: abandoned, refersTo: -1, ordinal: 0 });
}

function eventOf(columns: PacketColumns, clientSecond: boolean, { kind, packet, refersTo, ordinal }: LoggedEvent): ConnectionEvent {
  return {
    kind,
    packet: columns.frame(packet),
    at: instantOf(columns, packet),
    from: sideOf(columns, clientSecond, packet),
    ...(refersTo >= 0 && { refersTo: columns.frame(refersTo) }),
    ...(ordinal > 0 && { ordinal }),
  };
}
