import type { Value } from './kinds.ts';

/** `needle` stands somewhere in `hay`; an empty one nowhere, as in Wireshark. */
export function contains(hay: Value, needle: Value): boolean {
  if (typeof hay === 'string' && typeof needle === 'string') return needle !== '' && hay.includes(needle);
  return hay instanceof Uint8Array && needle instanceof Uint8Array && containsOctets(hay, needle);
}

function containsOctets(hay: Uint8Array, needle: Uint8Array): boolean {
  const first = needle[0];
  if (first === undefined) return false;
  const last = hay.length - needle.length;
  for (let at = hay.indexOf(first); at >= 0 && at <= last; at = hay.indexOf(first, at + 1)) {
    let i = 1;
    while (i < needle.length && hay[at + i] === needle[i]) i++;
    if (i === needle.length) return true;
  }
  return false;
}
