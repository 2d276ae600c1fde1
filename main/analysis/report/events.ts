import type { Connection } from '../connection-store.ts';
import type { EventLog, LoggedEvent } from '../event-log.ts';
import type { PacketColumns } from '../packet-columns.ts';
import type { ConnectionEvent } from '../record.ts';
import { instantOf, sideOf } from './packets.ts';

/**
 * A connection's events in the order of its packets, the latest `most` of them. `abandoned` is the SYN its client gave
 * up after, or -1: no packet tells of that, and it comes last.
 */
export function* eventsOf(
  columns: PacketColumns,
  log: EventLog,
  connection: Connection,
  abandoned: number,
  most: number,
): Generator<ConnectionEvent> {
  for (const event of log.latest(connection.lastEvent, abandoned < 0 ? most : most - 1)) yield eventOf(columns, connection, event);
  if (abandoned >= 0 && most > 0) yield eventOf(columns, connection, { kind: 'syn-timeout', packet: abandoned, refersTo: -1, ordinal: 0 });
}

function eventOf(columns: PacketColumns, connection: Connection, { kind, packet, refersTo, ordinal }: LoggedEvent): ConnectionEvent {
  return {
    kind,
    packet: columns.frame(packet),
    at: instantOf(columns, packet),
    from: sideOf(columns, connection, packet),
    ...(refersTo >= 0 && { refersTo: columns.frame(refersTo) }),
    ...(ordinal > 0 && { ordinal }),
  };
}
