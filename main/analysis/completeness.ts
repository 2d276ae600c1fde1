import { Flag } from '../wire/segment.ts';
import type { Sighting } from './sighting.ts';

/** Bits of Wireshark's `tcp.completeness`. */
export const Complete = { SYN: 1, SYN_ACK: 2, ACK: 4, DATA: 8, FIN: 16, RST: 32 } as const;

/** The mask lies above the bits of `Life`. */
export const COMPLETENESS_SHIFT = 8;

/** Adds to the connection what this segment shows of its life. A SYN counts only as a connection's first segment, as in Wireshark. */
export function complete({ view, connection }: Sighting, isFirst: boolean): void {
  const handshake = view.flags & (Flag.SYN | Flag.ACK);
  if (isFirst && handshake === Flag.SYN) connection.complete(Complete.SYN | (view.payloadLength > 0 ? Complete.DATA : 0));
  if (handshake === (Flag.SYN | Flag.ACK)) connection.complete(Complete.SYN_ACK);
  if (handshake === Flag.ACK) connection.complete(view.payloadLength > 0 ? Complete.DATA : Complete.ACK);
  if ((view.flags & (Flag.FIN | Flag.ACK)) === (Flag.FIN | Flag.ACK)) connection.complete(Complete.FIN);
  if ((view.flags & Flag.RST) !== 0) connection.complete(Complete.RST);
}
