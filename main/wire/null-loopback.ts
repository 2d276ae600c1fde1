import { readU32, roomFor, writeU32 } from './octets.ts';
import { err, ok, type Result } from './result.ts';
import { truncated, type WireError } from './wire-error.ts';

/** AF_INET, the same number everywhere. */
export const LOOPBACK_IPV4 = 2;

/** AF_INET6 on Linux, NetBSD and OpenBSD, FreeBSD, macOS: a file says nothing about the system it came from. */
export const isLoopbackIpv6 = (family: number): boolean => family === 10 || family === 24 || family === 28 || family === 30;

/** A frame of BSD loopback (LINKTYPE_NULL) or of OpenBSD loopback (LINKTYPE_LOOP). */
export interface LoopbackFrame {
  readonly family: number;
  readonly payload: Uint8Array;
}

export const LOOPBACK_HEADER = 4;

/**
 * The address family in the byte order of the machine that captured, which the file does not tell: families are small,
 * so whichever half is zero is the upper one. LINKTYPE_LOOP is always in network order.
 */
export function loopbackFamily(bytes: Uint8Array, at: number, networkOrder: boolean): number {
  const family = readU32(bytes, at);
  if (networkOrder || family <= 0xffff) return family;
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

export function decodeLoopback(bytes: Uint8Array, networkOrder: boolean): Result<LoopbackFrame, WireError> {
  if (bytes.length < LOOPBACK_HEADER) return err(truncated('loopback header', LOOPBACK_HEADER, bytes.length));
  return ok({ family: loopbackFamily(bytes, 0, networkOrder), payload: bytes.subarray(LOOPBACK_HEADER) });
}

/** Writes in network order, which readers of either kind understand. */
export function encodeLoopback(frame: LoopbackFrame, out?: Uint8Array): Uint8Array {
  const bytes = roomFor(LOOPBACK_HEADER + frame.payload.length, out);
  writeU32(bytes, 0, frame.family);
  bytes.set(frame.payload, LOOPBACK_HEADER);
  return bytes;
}
