import type { Clock } from '../clock.ts';
import type { Connection } from '../connection-store.ts';
import type { Flow } from '../flow.ts';
import { kindsOf, MARK } from '../marks.ts';
import { type PacketColumns, slot } from '../packet-columns.ts';
import type { ConnectionEvent, EventKind } from '../record.ts';
import { instantOf, sideOf } from './packets.ts';
import { gaveUp } from './syn-timeout.ts';

/** A connection's events in the order of its packets. */
export function eventsOf(columns: PacketColumns, clock: Clock, connection: Connection, client: Flow, server: Flow): ConnectionEvent[] {
  const events: ConnectionEvent[] = [];
  const duplicates = { client: new DuplicateAcks(), server: new DuplicateAcks() };
  for (let packet = connection.firstPacket; packet >= 0; packet = columns.next(packet)) {
    const side = sideOf(columns, connection, packet);
    const page = columns.page(packet);
    const row = slot(packet);
    const marks = page.marks[row]!;
    const duplicate = duplicates[side].see(page.ack[row]!, page.frame[row]!, (marks & MARK['duplicate-ack']) !== 0);
    for (const kind of kindsOf(marks)) {
      const event = { kind, packet: page.frame[row]!, at: instantOf(columns, packet), from: side };
      if (kind === 'duplicate-ack') events.push({ ...event, ...duplicate });
      else events.push({ ...event, ...answered(columns, kind, side === 'client' ? server : client, client) });
    }
  }
  const syn = gaveUp(columns, clock, connection, client);
  if (syn) events.push({ kind: 'syn-timeout', packet: columns.frame(syn.packet), at: instantOf(columns, syn.packet), from: 'client' });
  return events;
}

/** Counts ACKs that say the same, and remembers the first that said it. */
class DuplicateAcks {
  private ack = -1;
  private first = 0;
  private count = 0;

  see(ack: number, frame: number, duplicate: boolean): { ordinal: number; refersTo: number } {
    if (duplicate) this.count++;
    if (ack !== this.ack) {
      this.ack = ack;
      this.first = frame;
      this.count = 0;
    }
    return { ordinal: this.count, refersTo: this.first };
  }
}

/** The frame an event answers, where that is known for sure: the SYN, or the FIN that came before. */
function answered(columns: PacketColumns, kind: EventKind, peer: Flow, client: Flow): { refersTo?: number } {
  const packet = answeredPacket(kind, peer, client);
  return packet < 0 ? {} : { refersTo: columns.frame(packet) };
}

function answeredPacket(kind: EventKind, peer: Flow, client: Flow): number {
  switch (kind) {
    case 'handshake':
      return client.synPacket;
    case 'refused':
    case 'simultaneous-open':
      return peer.synPacket;
    case 'half-close':
    case 'simultaneous-close':
      return peer.finPacket;
    default:
      return -1;
  }
}
