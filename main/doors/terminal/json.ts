import type { Instant } from '../../../preload/contract.ts';
import { type Octets, WIDEST } from './octets.ts';

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
/** Control characters lie below. */
const FIRST_PLAIN = 0x20;
const FIRST_OF_TWO_OCTETS = 0x80;
const FIRST_OF_THREE_OCTETS = 0x800;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const BILLION = 1e9;
const BILLION_DIGITS = 9;
/** Of ten, as far as 31 bits go. */
const POWERS = Int32Array.from({ length: BILLION_DIGITS + 1 }, (_, i) => 10 ** i);

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

/** The members of an object without its braces, all but one if so asked. */
export function writeMembers(object: object, out: Octets, allBut?: string): void {
  let isFirst = true;
  for (const name in object) {
    const member = (object as Readonly<Record<string, unknown>>)[name];
    if (member === undefined || name === allBut) continue;
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

/** Writes a text as UTF-8; says whether it did: not where something has to be escaped, or is one of a pair of surrogates. */
function wrotePlain(text: string, out: Octets): boolean {
  out.reserve(WIDEST * text.length + 2);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = Char.QUOTE;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < FIRST_PLAIN || code === Char.QUOTE || code === Char.BACKSLASH) return false;
    if (code < FIRST_OF_TWO_OCTETS) bytes[at++] = code;
    else if (code < FIRST_OF_THREE_OCTETS) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else {
      if (code >= FIRST_SURROGATE && code <= LAST_SURROGATE) return false;
      bytes[at++] = 0xe0 | (code >> 12);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at++] = 0x80 | (code & 0x3f);
    }
  }
  bytes[at++] = Char.QUOTE;
  out.length = at;
  return true;
}

function writeNumber(value: number, out: Octets): void {
  if ((value | 0) === value && value >= 0) writeDigits(value, digitsOf(value), out);
  else if (Number.isSafeInteger(value)) writeLarge(value, out);
  else out.ascii(Number.isFinite(value) ? `${value}` : 'null');
}

/** A whole number that is below zero or has more than 31 bits. */
function writeLarge(value: number, out: Octets): void {
  if (value < 0) out.byte(Char.MINUS);
  const size = Math.abs(value);
  const high = Math.floor(size / BILLION);
  if (high > 0) writeNumber(high, out);
  const low = size - high * BILLION;
  writeDigits(low, high > 0 ? BILLION_DIGITS : digitsOf(low), out);
}

function digitsOf(value: number): number {
  let digits = 1;
  while (digits < POWERS.length && value >= POWERS[digits]!) digits++;
  return digits;
}

/** A whole number of at most 31 bits in so many digits, zeros before it. */
function writeDigits(value: number, digits: number, out: Octets): void {
  out.reserve(digits);
  const { bytes, length } = out;
  let left = value | 0;
  for (let at = length + digits - 1; at >= length; at--) {
    const rest = (left / 10) | 0;
    bytes[at] = Char.ZERO + (left - 10 * rest);
    left = rest;
  }
  out.length = length + digits;
}

function isInstant(value: object): value is Instant {
  const { nanoseconds } = value as Partial<Instant>;
  if (nanoseconds === undefined) return false;
  const { seconds } = value as Partial<Instant>;
  if (seconds === undefined || !Number.isSafeInteger(seconds) || !Number.isSafeInteger(nanoseconds) || nanoseconds < 0) return false;
  let members = 0;
  for (const _ in value) members++;
  return members === 2;
}

function writeInstant({ seconds, nanoseconds }: Instant, out: Octets): void {
  writeNumber(seconds, out);
  out.byte(Char.DOT);
  if (nanoseconds < BILLION) writeDigits(nanoseconds, BILLION_DIGITS, out);
  else writeNumber(nanoseconds, out);
}
