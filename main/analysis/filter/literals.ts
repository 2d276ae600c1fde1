import { parseMacAddress } from '../../wire/ethernet.ts';
import { type IpAddress, ipAddressBytes, parseIpAddress } from '../../wire/ip-address.ts';
import { readU32 } from '../../wire/octets.ts';
import type { Field } from './fields/field.ts';
import { FilterFault } from './filter-error.ts';
import { KIND_NAMES, type Kind, octetsOf, type Value } from './kinds.ts';
import { readMoment } from './moments.ts';
import type { Operand } from './syntax.ts';

/** A value as written, ready to be compared; a network (`10.0.0.0/8`) has the length of its prefix. */
export interface Constant {
  readonly value: Value;
  readonly prefix?: number;
}

export type Literal = Extract<Operand, { kind: 'word' | 'string' | 'character' | 'negate' }>;

/** What a value is compared with: a field, or something of the same kind. */
export interface Wanted {
  readonly kind: Kind;
  /** How errors name it. */
  readonly name: string;
  readonly field?: Field;
}

/** Reads a written value as one of the kind wanted. Throws a `FilterFault` that says what was expected. */
export function readLiteral(literal: Literal, wanted: Wanted): Constant {
  const reader = READERS[wanted.kind];
  const found = reader(literal, wanted);
  if (found === undefined) throw notA(literal, wanted);
  return found;
}

export const textOf = (literal: Literal): string =>
  literal.kind === 'word' ? literal.text : literal.kind === 'negate' ? `-${textOf(literal.of as Literal)}` : 'this';

function notA(literal: Literal, wanted: Wanted): FilterFault {
  const names = wanted.field?.values;
  const written = literal.kind === 'character' ? 'a character' : literal.kind === 'string' ? shown(literal.value) : `"${textOf(literal)}"`;
  const examples = names ? `one of ${names.join(', ')}` : EXAMPLES[wanted.kind];
  return new FilterFault(literal, `${written} is no value for ${wanted.name} (${KIND_NAMES[wanted.kind]}); expected ${examples}.`);
}

/** A string as an error repeats it, or what it is where that would say little. */
const shown = (value: string): string => (/^[ -~]{1,40}$/.test(value) ? `the string "${value}"` : 'this string');

const EXAMPLES: Readonly<Record<Kind, string>> = {
  label: 'no value: it is there or not',
  protocol: 'octets such as 47:45:54, or a string in double quotes',
  unsigned: 'a number such as 9502, 0x251e or 0b11',
  signed: 'a number such as -1',
  boolean: '1 or 0, True or False',
  frame: 'a frame number',
  duration: 'seconds such as 0.04',
  moment: 'a date and time in double quotes, such as "2026-03-01 12:00:00.5"',
  epoch: 'seconds since 1970 such as 1700000000.5',
  ether: 'an address such as 00:1b:21:3c:9d:f8',
  ipv4: 'an address or a network, such as 10.0.0.1 or 10.0.0.0/8',
  ipv6: 'an address or a network, such as ::1 or fe80::/10',
  bytes: 'octets such as 47:45:54, or a string in double quotes',
  string: 'text in double quotes',
};

type Reader = (literal: Literal, wanted: Wanted) => Constant | undefined;

const whole: Reader = (literal, wanted) => {
  const value = numberOf(literal);
  if (value === undefined) return undefined;
  const bits = wanted.field?.bits;
  if (bits !== undefined && value >= 2 ** bits)
    throw new FilterFault(literal, `${value} is more than ${wanted.name} can be: it has ${bits} bits, at most ${2 ** bits - 1}.`);
  return { value };
};

const octets: Reader = (literal) => {
  const value = bytesOf(literal);
  return value && { value };
};

const READERS: Readonly<Record<Kind, Reader>> = {
  label: () => undefined,
  protocol: octets,
  bytes: octets,
  unsigned: whole,
  signed: whole,
  frame: whole,
  boolean: (literal) => {
    const named = literal.kind === 'word' ? BOOLEANS.get(literal.text) : undefined;
    const value = named ?? numberOf(literal);
    return value === undefined ? undefined : { value: value === 0 ? 0 : 1 };
  },
  duration: (literal) => {
    const value = nanosecondsOf(literal);
    return value === undefined ? undefined : { value: Number(value) };
  },
  epoch: (literal) => {
    const value = nanosecondsOf(literal);
    return value === undefined ? undefined : { value };
  },
  moment: (literal) => {
    const value = literal.kind === 'string' ? readMoment(literal.value) : literal.kind === 'word' ? readMoment(literal.text) : undefined;
    return value === undefined ? undefined : { value };
  },
  ether: (literal) => {
    const address = literal.kind === 'word' ? parseMacAddress(literal.text.replaceAll('.', ':')) : undefined;
    return address && { value: Uint8Array.from(address.split(':'), (octet) => Number.parseInt(octet, 16)) };
  },
  ipv4: (literal) => {
    const found = networkOf(literal, 4);
    return found && { ...found, value: readU32(found.value, 0) };
  },
  ipv6: (literal) => networkOf(literal, 6),
  string: (literal, { field }) => {
    if (literal.kind === 'string') return field?.values && !field.values.includes(literal.value) ? undefined : { value: literal.value };
    // A value that has a name needs no quotes.
    if (literal.kind === 'word' && field?.values?.includes(literal.text)) return { value: literal.text };
    return undefined;
  },
};

const BOOLEANS = new Map([
  ['True', 1],
  ['TRUE', 1],
  ['true', 1],
  ['False', 0],
  ['FALSE', 0],
  ['false', 0],
]);

/** Decimal, 0x, 0b, octal with a leading zero, or a character. */
export function numberOf(literal: Literal): number | undefined {
  if (literal.kind === 'character') return literal.code;
  if (literal.kind === 'negate') {
    const value = isLiteral(literal.of) ? numberOf(literal.of) : undefined;
    return value === undefined ? undefined : -value;
  }
  if (literal.kind !== 'word') return undefined;
  const { text } = literal;
  const value = /^0[0-7]+$/.test(text)
    ? Number.parseInt(text, 8)
    : /^(?:\d+|0[xX][0-9a-fA-F]+|0[bB][01]+)$/.test(text)
      ? Number(text)
      : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

export const isLiteral = (operand: Operand): operand is Literal =>
  operand.kind === 'word' ||
  operand.kind === 'string' ||
  operand.kind === 'character' ||
  (operand.kind === 'negate' && isLiteral(operand.of));

/** Seconds with up to nine decimals, in nanoseconds. */
function nanosecondsOf(literal: Literal): bigint | undefined {
  const found = /^(-?)(\d{1,15})(?:\.(\d{1,9})\d*)?$/.exec(
    literal.kind === 'string' || literal.kind === 'character' ? '' : textOf(literal),
  );
  if (!found) return undefined;
  const value = BigInt(found[2]!) * 1_000_000_000n + BigInt((found[3] ?? '').padEnd(9, '0'));
  return found[1] ? -value : value;
}

/** `47:45:54`, `47-45-54`, `47.45.54`, `474554`, `0x47`, `7`, `'G'` or `"GET"`. */
export function bytesOf(literal: Literal): Uint8Array | undefined {
  if (literal.kind === 'string') return octetsOf(literal.value);
  if (literal.kind === 'character') return Uint8Array.of(literal.code);
  if (literal.kind !== 'word') return undefined;
  const text = literal.text.replace(/^(?:0[xX]|:)/, '');
  if (/^[0-9a-fA-F]$/.test(text)) return Uint8Array.of(Number.parseInt(text, 16));
  const groups = /[:.-]/.test(text) ? text.split(/[:.-]/) : [text];
  if (!groups.every((group) => /^(?:[0-9a-fA-F]{2})+$/.test(group) || (groups.length > 1 && /^[0-9a-fA-F]$/.test(group)))) return undefined;
  const hex = groups.map((group) => (group.length === 1 ? `0${group}` : group)).join('');
  return Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
}

function networkOf(literal: Literal, version: 4 | 6): { readonly value: Uint8Array; readonly prefix?: number } | undefined {
  if (literal.kind !== 'word') return undefined;
  const [text, prefix, ...more] = literal.text.split('/');
  const address: IpAddress | undefined = more.length > 0 ? undefined : parseIpAddress(text!);
  const value = address && ipAddressBytes(address);
  if (value?.length !== (version === 4 ? 4 : 16)) return undefined;
  if (prefix === undefined) return { value };
  const bits = version === 4 ? 32 : 128;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits ? { value, prefix: Number(prefix) } : undefined;
}
