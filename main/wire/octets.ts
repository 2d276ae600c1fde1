/** Big-endian reads and writes, the byte order of every header here (RFC 1700). Callers have checked the bounds. */
export const readU16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

export const readU32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

let latest: Uint8Array = new Uint8Array(0);
let latestView: DataView = new DataView(latest.buffer);

/**
 * The same octets as a `DataView`, which reads a 32-bit number four times as fast. The latest is kept: hundreds of packets lie in
 * one array of a capture.
 */
export function dataViewOf(bytes: Uint8Array): DataView {
  if (bytes !== latest) {
    latest = bytes;
    latestView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return latestView;
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Gives `out` when it has room for `length` octets, a view of exactly that many; else a fresh array. */
export const roomFor = (length: number, out?: Uint8Array): Uint8Array =>
  out !== undefined && out.length >= length ? out.subarray(0, length) : new Uint8Array(length);
