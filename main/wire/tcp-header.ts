import { type PseudoHeader, transportChecksum } from './checksum.ts';
import { IpProtocol } from './ip-protocol.ts';
import { readU16, readU32, roomFor, writeU16, writeU32 } from './octets.ts';
import { err, ok, type Result } from './result.ts';
import type { Segment } from './segment.ts';
import { seq } from './seq.ts';
import { decodeOptions, encodeOptions } from './tcp-options.ts';
import { badLength, truncated, type WireError } from './wire-error.ts';

/** Octet offsets from the start of the TCP header (RFC 9293 §3.1). */
const At = {
  srcPort: 0,
  dstPort: 2,
  seq: 4,
  ack: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  urgent: 18,
  options: 20,
} as const;

export const MIN_TCP_HEADER = 20;

/** Reads a whole TCP segment. The checksum is not judged: `transportChecksum` over the same octets tells. */
export function decodeSegment(bytes: Uint8Array): Result<Segment, WireError> {
  if (bytes.length < MIN_TCP_HEADER) return err(truncated('TCP header', MIN_TCP_HEADER, bytes.length));
  const headerLength = (bytes[At.dataOffset]! >> 4) * 4;
  if (headerLength < MIN_TCP_HEADER) return err(badLength('TCP data offset', headerLength));
  if (headerLength > bytes.length) return err(truncated('TCP options', headerLength, bytes.length));
  const options = decodeOptions(bytes.subarray(At.options, headerLength));
  if (!options.ok) return options;
  return ok({
    srcPort: readU16(bytes, At.srcPort),
    dstPort: readU16(bytes, At.dstPort),
    seq: seq(readU32(bytes, At.seq)),
    ack: seq(readU32(bytes, At.ack)),
    flags: readU16(bytes, At.dataOffset) & 0x01ff,
    window: readU16(bytes, At.window),
    urgent: readU16(bytes, At.urgent),
    options: options.value,
    payload: bytes.subarray(headerLength),
  });
}

/** Writes a segment with its checksum, into `out` when it has room. Gives exactly the segment's octets. */
export function encodeSegment(segment: Segment, pseudoHeader: PseudoHeader, out?: Uint8Array): Uint8Array {
  const options = encodeOptions(segment.options);
  const headerLength = MIN_TCP_HEADER + options.length;
  const bytes = roomFor(headerLength + segment.payload.length, out);
  writeU16(bytes, At.srcPort, segment.srcPort);
  writeU16(bytes, At.dstPort, segment.dstPort);
  writeU32(bytes, At.seq, segment.seq);
  writeU32(bytes, At.ack, segment.ack);
  writeU16(bytes, At.dataOffset, ((headerLength / 4) << 12) | (segment.flags & 0x01ff));
  writeU16(bytes, At.window, segment.window);
  writeU16(bytes, At.checksum, 0);
  writeU16(bytes, At.urgent, segment.urgent);
  bytes.set(options, At.options);
  bytes.set(segment.payload, headerLength);
  writeU16(bytes, At.checksum, transportChecksum(pseudoHeader, IpProtocol.TCP, bytes));
  return bytes;
}
