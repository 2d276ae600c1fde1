import { type PseudoHeader, transportChecksum } from './checksum.ts';
import { IpProtocol } from './ip-protocol.ts';
import { readU16, roomFor, writeU16 } from './octets.ts';
import { err, ok, type Result } from './result.ts';
import { badLength, truncated, type WireError } from './wire-error.ts';

export const UDP_HEADER = 8;

/** A UDP datagram (RFC 768). */
export interface Datagram {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly payload: Uint8Array;
}

/** Reads a datagram. The checksum is not judged: `transportChecksum` over the same octets tells. */
export function decodeDatagram(bytes: Uint8Array): Result<Datagram, WireError> {
  if (bytes.length < UDP_HEADER) return err(truncated('UDP header', UDP_HEADER, bytes.length));
  const length = readU16(bytes, 4);
  if (length < UDP_HEADER) return err(badLength('UDP length', length));
  if (length > bytes.length) return err(truncated('UDP datagram', length, bytes.length));
  return ok({ srcPort: readU16(bytes, 0), dstPort: readU16(bytes, 2), payload: bytes.subarray(UDP_HEADER, length) });
}

/** Writes a datagram with its checksum, into `out` when it has room. */
export function encodeDatagram(datagram: Datagram, pseudoHeader: PseudoHeader, out?: Uint8Array): Uint8Array {
  const bytes = roomFor(UDP_HEADER + datagram.payload.length, out);
  writeU16(bytes, 0, datagram.srcPort);
  writeU16(bytes, 2, datagram.dstPort);
  writeU16(bytes, 4, bytes.length);
  writeU16(bytes, 6, 0);
  bytes.set(datagram.payload, UDP_HEADER);
  // Zero would mean "no checksum"; ones' complement has a second zero for that (RFC 768).
  writeU16(bytes, 6, transportChecksum(pseudoHeader, IpProtocol.UDP, bytes) || 0xffff);
  return bytes;
}
