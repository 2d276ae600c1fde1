import { type PacketColumns, Shown, slot } from '../packet-columns.ts';
import type { Instant, Side } from '../record.ts';

export function instantOf(columns: PacketColumns, packet: number): Instant {
  const page = columns.page(packet);
  return { seconds: page.seconds(slot(packet)), nanoseconds: page.nanoseconds(slot(packet)) };
}

/** Who sent a packet. `clientSecond`: the client is the second endpoint of its connection. */
export function sideOf(columns: PacketColumns, clientSecond: boolean, packet: number): Side {
  const fromSecond = (columns.page(packet).flags(slot(packet)) & Shown.FROM_SECOND) !== 0;
  return fromSecond === clientSecond ? 'client' : 'server';
}
