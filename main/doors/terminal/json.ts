import type { Instant } from '../../../preload/contract.ts';
import type { Octets } from './octets.ts';

export const decimal = ({ seconds, nanoseconds }: Instant): string => `${seconds}.${String(nanoseconds).padStart(9, '0')}`;

const Char = {
  QUOTE: 0x22,
  COMMA: 0x2c,
  MINUS: 0x2d,
  DOT: 0x2e,
  ZERO: 0x30,
  COLON: 0x3a,
  LIST: 0x5b,
  BACKSLASH: 0x5c,
  LIST_END: 0x5d,
  OBJECT: 0x7b,
  OBJECT_END: 0x7d,
} as const;
/** Those from here to there stand for themselves in a string, quote and backslash apart. */
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;
const INSTANT_DIGITS = 9;
const LARGEST_INT = 0x7fff_ffff;

/**
 * Writes plain data as JSON.stringify has it, but for its instants: those are numbers of seconds with all nine digits. A double cannot hold them,
 * so they are written digit by digit, and a reader that wants them exactly takes the digits. Octets are written at once, without a
 * text between: that is twice as fast.
 */
export function writeJson(value: unknown, out: Octets): void {
  if (typeof value === 'string') writeString(value, out);
  else if (typeof value === 'number') writeNumber(value, out);
  else if (typeof value === 'boolean') out.ascii(value ? 'true' : 'false');
  else if (typeof value !== 'object' || value === null) out.ascii('null');
  else if (Array.isArray(value)) writeList(value, out);
  else if (isInstant(value)) writeInstant(value, out);
  else writeObject(value, out);
}

function writeList(list: readonly unknown[], out: Octets): void {
  out.byte(Char.LIST);
  for (let i = 0; i < list.length; i++) {
    if (i > 0) out.byte(Char.COMMA);
    writeJson(list[i], out);
  }
  out.byte(Char.LIST_END);
}

function writeObject(object: object, out: Octets): void {
  out.byte(Char.OBJECT);
  writeMembers(object, out);
  out.byte(Char.OBJECT_END);
}

/** The members of an object without its braces. */
export function writeMembers(object: object, out: Octets): void {
  let isFirst = true;
  for (const name in object) {
    const member = (object as Readonly<Record<string, unknown>>)[name];
    if (member === undefined) continue;
    if (!isFirst) out.byte(Char.COMMA);
    isFirst = false;
    writeString(name, out);
    out.byte(Char.COLON);
    writeJson(member, out);
  }
}

function writeString(text: string, out: Octets): void {
  if (!wrotePlain(text, out)) out.text(JSON.stringify(text));
}

/** Writes a text in which nothing has to be escaped and all is ASCII; says whether it is one. */
function wrotePlain(text: string, out: Octets): boolean {
  out.reserve(text.length + 2);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = Char.QUOTE;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < FIRST_PLAIN || code > LAST_PLAIN || code === Char.QUOTE || code === Char.BACKSLASH) return false;
    bytes[at++] = code;
  }
  bytes[at++] = Char.QUOTE;
  out.length = at;
  return true;
}

const isWhole = (value: number): boolean => (value | 0) === value || Number.isSafeInteger(value);

function writeNumber(value: number, out: Octets): void {
  if (!isWhole(value)) {
    out.ascii(Number.isFinite(value) ? `${value}` : 'null');
    return;
  }
  if (value < 0) out.byte(Char.MINUS);
  const size = Math.abs(value);
  writeDigits(size, digitsOf(size), out);
}

function digitsOf(size: number): number {
  let digits = 1;
  for (let power = 10; power <= size; power *= 10) digits++;
  return digits;
}

/** A number in so many digits, zeros before it. */
function writeDigits(value: number, digits: number, out: Octets): void {
  out.reserve(digits);
  const { bytes } = out;
  let left = value;
  for (let at = out.length + digits - 1; at >= out.length; at--) {
    const rest = left <= LARGEST_INT ? (left / 10) | 0 : Math.floor(left / 10);
    bytes[at] = Char.ZERO + (left - 10 * rest);
    left = rest;
  }
  out.length += digits;
}

function isInstant(value: object): value is Instant {
  const { nanoseconds } = value as Partial<Instant>;
  if (nanoseconds === undefined) return false;
  const { seconds } = value as Partial<Instant>;
  if (seconds === undefined || !isWhole(seconds) || !isWhole(nanoseconds) || nanoseconds < 0) return false;
  let members = 0;
  for (const _ in value) members++;
  return members === 2;
}

function writeInstant({ seconds, nanoseconds }: Instant, out: Octets): void {
  writeNumber(seconds, out);
  out.byte(Char.DOT);
  writeDigits(nanoseconds, INSTANT_DIGITS, out);
}
