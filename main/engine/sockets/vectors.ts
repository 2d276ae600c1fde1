/** Octets of several buffers. */
export const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** Several buffers as one (writev). */
export function gather(buffers: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(total(buffers.map(({ length }) => length)));
  let at = 0;
  for (const buffer of buffers) {
    whole.set(buffer, at);
    at += buffer.length;
  }
  return whole;
}

/** One buffer as several of those sizes, as far as it reaches (readv). */
export function scatter(octets: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const buffers: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= octets.length) break;
    buffers.push(octets.subarray(at, at + size));
    at += size;
  }
  return buffers;
}
