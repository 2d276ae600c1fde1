import { OctetSet } from './syntax.ts';

const ranges = (...pairs: readonly (readonly [number, number])[]): OctetSet => {
  const set = new OctetSet();
  for (const [low, high] of pairs) set.add(low, high);
  return set;
};
const between = (low: string, high: string): readonly [number, number] => [low.charCodeAt(0), high.charCodeAt(0)];

const UPPER = between('A', 'Z');
const LOWER = between('a', 'z');
const DIGIT = between('0', '9');
const SPACES: readonly (readonly [number, number])[] = [
  [9, 13],
  [32, 32],
];
const PUNCTUATION: readonly (readonly [number, number])[] = [
  [33, 47],
  [58, 64],
  [91, 96],
  [123, 126],
];

/** `\d`, `\w`, `\s`, `\h`, `\v`, `\N`: octets in the C locale, as PCRE has them without Unicode. */
export const ESCAPED: Readonly<Record<string, () => OctetSet>> = {
  d: () => ranges(DIGIT),
  D: () => ranges(DIGIT).invert(),
  w: () => ranges(UPPER, LOWER, DIGIT, [95, 95]),
  W: () => ranges(UPPER, LOWER, DIGIT, [95, 95]).invert(),
  s: () => ranges(...SPACES),
  S: () => ranges(...SPACES).invert(),
  h: () => ranges([9, 9], [32, 32], [0xa0, 0xa0]),
  H: () => ranges([9, 9], [32, 32], [0xa0, 0xa0]).invert(),
  v: () => ranges([10, 13], [0x85, 0x85]),
  V: () => ranges([10, 13], [0x85, 0x85]).invert(),
  N: () => ranges([10, 10]).invert(),
};

/** `[:alpha:]` and its kin, within a class. */
export const NAMED: Readonly<Record<string, () => OctetSet>> = {
  alpha: () => ranges(UPPER, LOWER),
  digit: () => ranges(DIGIT),
  alnum: () => ranges(UPPER, LOWER, DIGIT),
  upper: () => ranges(UPPER),
  lower: () => ranges(LOWER),
  space: () => ranges(...SPACES),
  blank: () => ranges([9, 9], [32, 32]),
  punct: () => ranges(...PUNCTUATION),
  cntrl: () => ranges([0, 31], [127, 127]),
  graph: () => ranges([33, 126]),
  print: () => ranges([32, 126]),
  xdigit: () => ranges(DIGIT, between('A', 'F'), between('a', 'f')),
  word: () => ranges(UPPER, LOWER, DIGIT, [95, 95]),
  ascii: () => ranges([0, 127]),
};

export const isWord = (octet: number): boolean =>
  (octet >= 48 && octet <= 57) || (octet >= 65 && octet <= 90) || (octet >= 97 && octet <= 122) || octet === 95;
