import { Flag } from '../../wire/segment.ts';

/** tcpdump's letters, in its order. AE, the ninth flag, is not among them. */
const LETTERS = [
  [Flag.FIN, 'F'],
  [Flag.SYN, 'S'],
  [Flag.RST, 'R'],
  [Flag.PSH, 'P'],
  [Flag.ACK, '.'],
  [Flag.URG, 'U'],
  [Flag.ECE, 'E'],
  [Flag.CWR, 'W'],
] as const;

const text = (flags: number): string => LETTERS.map(([bit, letter]) => (flags & bit ? letter : '')).join('') || 'none';

const ALL = Array.from({ length: 256 }, (_, flags) => text(flags));

/** "S.", "FP.", "none". */
export const flagsText = (flags: number): string => ALL[flags & 0xff]!;
