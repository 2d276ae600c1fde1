/** A 64-bit secret in two halves. */
export type HashKey = readonly [number, number];

const rotl = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/**
 * HalfSipHash-2-4 over 32-bit words: the keyed function behind initial sequence numbers (RFC 6528 §3), timestamp offsets
 * and the first ephemeral port tried. Whoever does not know the key cannot foretell the result.
 */
export function keyedHash(key: HashKey, words: ArrayLike<number>, count = words.length): number {
  let v0 = key[0] | 0;
  let v1 = key[1] | 0;
  let v2 = 0x6c796765 ^ key[0];
  let v3 = 0x74656462 ^ key[1];
  // Two rounds for each word, for the length behind them, and, with nothing more to take in, for two zeros.
  for (let i = 0; i < count + 3; i++) {
    const word = i < count ? words[i]! | 0 : i === count ? (count * 4) << 24 : 0;
    if (i === count + 1) v2 ^= 0xff;
    v3 ^= word;
    for (let round = 0; round < 2; round++) {
      v0 = (v0 + v1) | 0;
      v1 = rotl(v1, 5) ^ v0;
      v0 = rotl(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotl(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotl(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotl(v1, 13) ^ v2;
      v2 = rotl(v2, 16);
    }
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}
