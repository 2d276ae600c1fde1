import { Flag } from '../../wire/segment.ts';
import { State } from '../change-log.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from '../connection-store.ts';
import type { Flow } from '../flow.ts';
import { type PacketColumns, slot } from '../packet-columns.ts';

/** The retransmission timer doubles (RFC 6298 §5.5), so a SYN is due again after twice the last interval. */
const BACKOFF = 2;

export interface GivenUp {
  /** The last SYN. */
  readonly packet: number;
  /** How long after it no further SYN could come, in nanoseconds. */
  readonly patience: number;
}

/**
 * A SYN that was sent again and never answered, with the capture going on past the moment at which the next one was
 * due: its sender gave up (tcp_syn_retries ran out, or the program lost patience).
 */
export function gaveUp(columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): GivenUp | undefined {
  if (flow.state !== State['SYN-SENT'] || flow.synPacket < 0) return undefined;
  let previous = -1;
  let last = -1;
  for (let packet = connection.firstPacket; packet >= 0; packet = columns.next(packet)) {
    if ((columns.page(packet).flags[slot(packet)]! & (Flag.SYN | Flag.ACK)) !== Flag.SYN) return undefined;
    previous = last;
    last = packet;
  }
  if (previous < 0) return undefined;
  const at = timeOf(columns, clock, last);
  const patience = BACKOFF * (at - timeOf(columns, clock, previous));
  return patience > 0 && clock.latest - at > patience ? { packet: last, patience } : undefined;
}

function timeOf(columns: PacketColumns, clock: Clock, packet: number): number {
  const page = columns.page(packet);
  return clock.since(page.seconds[slot(packet)]!, page.nanoseconds[slot(packet)]!);
}
