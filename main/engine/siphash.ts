const MASK = (1n << 64n) - 1n;
const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK;

/** SipHash-2-4 (Aumasson and Bernstein, 2012): a short text under a secret key of 128 bits, the low half first. */
export function sipHash(key: readonly [low: bigint, high: bigint], text: Uint8Array): bigint {
  const [low, high] = key;
  const state = [low ^ 0x736f6d6570736575n, high ^ 0x646f72616e646f6dn, low ^ 0x6c7967656e657261n, high ^ 0x7465646279746573n];
  const take = (word: bigint): void => {
    state[3]! ^= word;
    round(state);
    round(state);
    state[0]! ^= word;
  };
  const whole = text.length & ~7;
  for (let at = 0; at < whole; at += 8) take(wordAt(text, at, 8));
  take((BigInt(text.length & 0xff) << 56n) | wordAt(text, whole, text.length - whole));
  state[2]! ^= 0xffn;
  for (let i = 0; i < 4; i++) round(state);
  return state[0]! ^ state[1]! ^ state[2]! ^ state[3]!;
}

/** The last octet counts most. */
function wordAt(text: Uint8Array, at: number, length: number): bigint {
  let word = 0n;
  for (let i = length - 1; i >= 0; i--) word = (word << 8n) | BigInt(text[at + i]!);
  return word;
}

function round(state: bigint[]): void {
  let [a, b, c, d] = state as [bigint, bigint, bigint, bigint];
  a = (a + b) & MASK;
  b = rotate(b, 13n) ^ a;
  a = rotate(a, 32n);
  c = (c + d) & MASK;
  d = rotate(d, 16n) ^ c;
  a = (a + d) & MASK;
  d = rotate(d, 21n) ^ a;
  c = (c + b) & MASK;
  b = rotate(b, 17n) ^ c;
  c = rotate(c, 32n);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}
