import { Flag } from '../wire/segment.ts';
import type { Sighting } from './sighting.ts';

/** Bits of Wireshark's `tcp.completeness`. */
export const Complete = { SYN: 1, SYN_ACK: 2, ACK: 4, DATA: 8, FIN: 16, RST: 32 } as const;

/** The mask lies above the bits of `Life`. */
export const COMPLETENESS_SHIFT = 8;

/** Adds to the connection what this segment shows of its life. A SYN counts only as a connection's first segment, as in Wireshark. */
export function complete({ view, connection }: Sighting, isFirst: boolean): void {
  const { flags } = view;
  const data = view.payloadLength > 0 ? Complete.DATA : 0;
  const handshake = flags & (Flag.SYN | Flag.ACK);
  let bits = 0;
  if (handshake === Flag.ACK) bits = data || Complete.ACK;
  else if (handshake === (Flag.SYN | Flag.ACK)) bits = Complete.SYN_ACK;
  else if (isFirst && handshake === Flag.SYN) bits = Complete.SYN | data;
  if ((flags & (Flag.FIN | Flag.ACK)) === (Flag.FIN | Flag.ACK)) bits |= Complete.FIN;
  if ((flags & Flag.RST) !== 0) bits |= Complete.RST;
  connection.complete(bits);
}
