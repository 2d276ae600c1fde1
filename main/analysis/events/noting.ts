import type { EventLog } from '../event-log.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';

/** Adds a segment's events to those of its connection. */
export function noteEvents(s: Sighting, marks: number, log: EventLog): void {
  const { connection, packet, sender } = s;
  for (let left = marks; left !== 0; left &= left - 1) {
    const bit = left & -left;
    const ordinal = bit === MARK['duplicate-ack'] ? sender.sameAcks : 0;
    connection.lastEvent = log.add(connection.lastEvent, 31 - Math.clz32(bit), packet, refersTo(bit, s), ordinal);
    connection.eventCount++;
  }
}

/** Adds that the segment at hand is a copy of an earlier row, -1 where that is not known. */
export function noteCopy({ connection, packet }: Sighting, original: number, log: EventLog): void {
  connection.lastEvent = log.add(connection.lastEvent, 31 - Math.clz32(MARK['duplicate-capture']), packet, original, 0);
  connection.eventCount++;
}

/** The packet an event answers, where that is known for sure: the SYN, the FIN that came before, the ACK that is said again. */
function refersTo(bit: number, { sender, receiver }: Sighting): number {
  switch (bit) {
    case MARK.handshake:
      return sender.synPacket;
    case MARK.refused:
    case MARK['simultaneous-open']:
      return receiver.synPacket;
    case MARK['half-close']:
    case MARK['simultaneous-close']:
      return receiver.finPacket;
    case MARK['duplicate-ack']:
      return sender.sameAckPacket;
    default:
      return -1;
  }
}
