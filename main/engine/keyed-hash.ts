/** A 64-bit secret in two halves. */
export type HashKey = readonly [number, number];

const rotl = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/**
 * HalfSipHash-2-4 over 32-bit words: the keyed function behind initial sequence numbers (RFC 6528 §3), timestamp offsets
 * and the first ephemeral port tried. Whoever does not know the key cannot foretell the result.
 */
export function keyedHash(key: HashKey, words: readonly number[]): number {
  let v0 = key[0] | 0;
  let v1 = key[1] | 0;
  let v2 = 0x6c796765 ^ key[0];
  let v3 = 0x74656462 ^ key[1];
  const round = (): void => {
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
  };
  const absorb = (word: number): void => {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  };
  for (const word of words) absorb(word | 0);
  absorb((words.length * 4) << 24);
  v2 ^= 0xff;
  for (let i = 0; i < 4; i++) round();
  return (v1 ^ v3) >>> 0;
}
