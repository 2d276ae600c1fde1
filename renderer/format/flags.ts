/** The control bits in the order of the header (RFC 9293 §3.1, RFC 3168 §6.1), named as the RFC names them. */
const NAMES: readonly (readonly [bit: number, name: string])[] = [
  [0x02, 'SYN'],
  [0x01, 'FIN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x20, 'URG'],
  [0x10, 'ACK'],
  [0x40, 'ECE'],
  [0x80, 'CWR'],
];

export const SYN = 0x02;
export const FIN = 0x01;
export const RST = 0x04;
export const ACK = 0x10;

/** `SYN,ACK`; `none` for a segment with no bit set. */
export const formatFlags = (flags: number): string =>
  NAMES.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(',') || 'none';
