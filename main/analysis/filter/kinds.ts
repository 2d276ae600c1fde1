/**
 * What a field's values are. Numbers stand for `unsigned`, `signed`, `boolean`, `frame` and `ipv4` (the address as a number) and
 * `duration` (nanoseconds); bigints of nanoseconds since 1970 for `moment` and `epoch`; octets for `ether`, `ipv6`, `bytes` and
 * `protocol`; strings for `string`. A `label` has no value: it is there or not.
 */
export type Kind =
  | 'label'
  | 'protocol'
  | 'unsigned'
  | 'signed'
  | 'boolean'
  | 'frame'
  | 'duration'
  | 'moment'
  | 'epoch'
  | 'ether'
  | 'ipv4'
  | 'ipv6'
  | 'bytes'
  | 'string';

export type Value = number | bigint | string | Uint8Array;

/** As errors and completions call them. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  label: 'label, there or not',
  protocol: 'protocol',
  unsigned: 'number',
  signed: 'number, signed',
  boolean: 'true or false',
  frame: 'frame number',
  duration: 'time in seconds',
  moment: 'date and time',
  epoch: 'seconds since 1970',
  ether: 'Ethernet address',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  bytes: 'octets',
  string: 'text',
};

const ARITHMETIC: ReadonlySet<Kind> = new Set(['unsigned', 'signed', 'frame', 'duration']);
const NUMBERS: ReadonlySet<Kind> = new Set(['unsigned', 'signed', 'boolean', 'frame']);
const OCTETS: ReadonlySet<Kind> = new Set(['bytes', 'protocol', 'ether', 'ipv6']);

/** One can count with it. */
export const isArithmetic = (kind: Kind): boolean => ARITHMETIC.has(kind);
/** At run time it is octets. */
export const isOctets = (kind: Kind): boolean => OCTETS.has(kind);
/** At run time it is a number. */
export const isNumeric = (kind: Kind): boolean => NUMBERS.has(kind) || kind === 'duration' || kind === 'ipv4';

/** Values of the two kinds can be compared with each other. */
export function areComparable(a: Kind, b: Kind): boolean {
  if (a === 'label' || b === 'label') return false;
  if (a === b || (NUMBERS.has(a) && NUMBERS.has(b))) return true;
  if ((a === 'moment' || a === 'epoch') && (b === 'moment' || b === 'epoch')) return true;
  const addresses = (a === 'ipv6' && b === 'ether') || (a === 'ether' && b === 'ipv6');
  return isOctets(a) && isOctets(b) && !addresses;
}

/** Less than zero, zero or more, as `a` stands to `b`. Of octets the longer are the larger, as in Wireshark; then the first that differs decides. */
export function compareValues(a: Value, b: Value): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareOctets(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** The octets of a string that holds one in each character. */
export const octetsOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
