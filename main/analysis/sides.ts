import { Flag } from '../wire/segment.ts';

/**
 * Which endpoint a connection's first captured segment makes the client: the sender of a SYN, the receiver of a SYN,ACK;
 * otherwise the one with the higher port, since services have the low ones; with equal ports the one that spoke first.
 */
export function senderIsClient(flags: number, srcPort: number, dstPort: number): boolean {
  if ((flags & Flag.SYN) !== 0) return (flags & Flag.ACK) === 0;
  return srcPort >= dstPort;
}
