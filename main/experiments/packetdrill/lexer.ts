import { type IpAddress, parseIpAddress } from '../../wire/ip-address.ts';
import { err, ok, type Result } from '../../wire/result.ts';
import { Places } from './places.ts';
import type { Place, ScriptError } from './script.ts';

/** `text` is what stands in the script, without the marks around strings, commands and code. */
export interface Token extends Place {
  readonly kind: 'word' | 'integer' | 'hex' | 'float' | 'option' | 'string' | 'command' | 'code' | 'address' | 'mark' | 'end';
  readonly text: string;
  readonly address?: IpAddress;
}

interface Found {
  readonly kind: Token['kind'];
  readonly text: string;
  /** Octets of the script it takes. */
  readonly length: number;
  readonly address?: IpAddress;
}

const SPACE = /[ \t\r\n]+/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const OPTION = /--([a-zA-Z0-9_]+)/y;
const FLOAT = /-?[0-9]*\.[0-9]+/y;
const INTEGER = /-?[0-9]+/y;
const HEX = /0x[0-9a-fA-F]+/y;
const WORD = /[a-zA-Z0-9_]+/y;
const IPV4 = /[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/y;
const IPV6 = /[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?:\.[0-9]+){0,3}/y;

/** What stands between two marks: opening, closing, and what it is. */
const ENCLOSED = [
  { open: '"', close: '"', kind: 'string', called: 'string', escapes: true },
  { open: '`', close: '`', kind: 'command', called: 'shell command', escapes: true },
  { open: '%{', close: '}%', kind: 'code', called: 'code', escapes: false },
] as const;

/** Splits a script into its words. The last token is of kind 'end'. */
export function tokenize(source: string): Result<readonly Token[], ScriptError> {
  const places = new Places(source);
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    const start = skipBlank(source, at);
    if (start < 0) return err({ ...places.of(-start - 1), message: 'this comment has no end: expected `*/`' });
    const place = places.of(start);
    if (start >= source.length) {
      tokens.push({ kind: 'end', text: '', ...place });
      return ok(tokens);
    }
    const found = find(source, start);
    if (!found.ok) return err({ ...place, message: found.error });
    const { length, ...token } = found.value;
    tokens.push({ ...token, ...place });
    at = start + length;
  }
}

/** Where the next word begins; -(place + 1) of a comment that never ends. */
function skipBlank(source: string, from: number): number {
  let at = from;
  for (;;) {
    const blank = match(SPACE, source, at) || match(LINE_COMMENT, source, at);
    if (blank) at += blank.length;
    else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      if (end < 0) return -at - 1;
      at = end + 2;
    } else return at;
  }
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

function find(source: string, at: number): Result<Found, string> {
  for (const { open, close, kind, called, escapes } of ENCLOSED) {
    if (!source.startsWith(open, at)) continue;
    const end = closing(source, at + open.length, close, escapes);
    if (end < 0) return err(`this ${called} has no end: expected \`${close}\``);
    return ok({ kind, text: source.slice(at + open.length, end), length: end + close.length - at });
  }
  if (source.startsWith('...', at)) return ok({ kind: 'mark', text: '...', length: 3 });
  const option = match(OPTION, source, at);
  if (option) return ok({ kind: 'option', text: option.slice(2), length: option.length });
  return ok(address(source, at) ?? number(source, at) ?? { kind: 'mark', text: source[at]!, length: 1 });
}

function closing(source: string, from: number, close: string, escapes: boolean): number {
  for (let at = from; at < source.length; at++) {
    if (escapes && source[at] === '\\') at++;
    else if (source.startsWith(close, at)) return at;
  }
  return -1;
}

/** An address, unless it is a part of something longer: `1:1` is a range of sequence numbers. */
function address(source: string, at: number): Found | undefined {
  for (const pattern of [IPV4, IPV6]) {
    const text = match(pattern, source, at).replace(/(?<!:):$/, '');
    const isIpv6 = pattern === IPV6;
    if (!text || (isIpv6 && !text.includes('::') && text.split(':').length !== 8)) continue;
    const parsed = parseIpAddress(text);
    if (parsed !== undefined) return { kind: 'address', text, length: text.length, address: parsed };
  }
  return undefined;
}

/** The longest of the ways to read digits and letters; a cookie such as 3021b9d8 is a word. */
function number(source: string, at: number): Found | undefined {
  const readings: readonly Found[] = (
    [
      ['hex', HEX],
      ['float', FLOAT],
      ['integer', INTEGER],
      ['word', WORD],
    ] as const
  ).map(([kind, pattern]) => {
    const text = match(pattern, source, at);
    return { kind, text, length: text.length };
  });
  const longest = readings.reduce((best, reading) => (reading.length > best.length ? reading : best));
  return longest.length > 0 ? longest : undefined;
}
