import { FilterFault } from './filter-error.ts';

export const isSpace = (c: string): boolean => c === ' ' || c === '\t' || c === '\n' || c === '\r';

const isHex = (c: string | undefined): boolean => c !== undefined && /[0-9a-fA-F]/.test(c);
const isWordPart = (c: string | undefined): boolean => c !== undefined && /[0-9a-zA-Z_]/.test(c);

/** A colon starts a word where an IPv6 address or a single octet (`:0d`) does. */
export const isWordStart = (text: string, at: number): boolean =>
  isWordPart(text[at]) || (text[at] === ':' && (text[at + 1] === ':' || isHex(text[at + 1])));

/** Where the word at `at` ends. Dots, colons, hyphens and slashes belong to it where an address, a date or a name has them. */
export function wordEnd(text: string, at: number, isField: (word: string) => boolean): number {
  let end = at;
  for (; end < text.length; end++) {
    const c = text[end]!;
    if (isWordPart(c) || c === ':') continue;
    const next = text[end + 1];
    if (c === '.' && next !== '.' && isWordPart(next)) continue;
    if (c === '-' && isWordPart(next) && !isField(text.slice(at, end))) continue;
    if (c === '/' && isWordPart(next) && /[.:]/.test(text.slice(at, end)) && !isField(text.slice(at, end))) continue;
    break;
  }
  return end;
}

/** The string that starts at `at`, with its `r` where it is raw: one character for each octet. */
export function readString(text: string, at: number, raw: boolean): { readonly value: string; readonly end: number } {
  let value = '';
  for (let i = at + (raw ? 2 : 1); i < text.length; ) {
    const c = text[i]!;
    if (c === '"') return { value, end: i + 1 };
    if (c === '\\' && i + 1 < text.length) {
      const found = raw ? rawEscape(text, i) : escapeAt(text, i);
      value += found.octets;
      i = found.end;
      continue;
    }
    const code = text.codePointAt(i)!;
    value += utf8(code);
    i += code > 0xffff ? 2 : 1;
  }
  throw new FilterFault({ at, end: text.length }, 'this string never ends: its closing " is missing.');
}

/** `'G'`, `'\n'`, `'\x47'`. */
export function characterCode(text: string, at: number): { readonly code: number; readonly end: number } {
  const { octets, end } = text[at + 1] === '\\' ? escapeAt(text, at + 1) : { octets: text[at + 1] ?? '', end: at + 2 };
  if (octets.length !== 1 || octets === "'" || octets.charCodeAt(0) > 0xff || text[end] !== "'")
    throw new FilterFault(
      { at, end: Math.min(text.length, end) },
      "a character constant is one octet between single quotes, such as 'G' or '\\n'.",
    );
  return { code: octets.charCodeAt(0), end: end + 1 };
}

interface Escape {
  readonly octets: string;
  readonly end: number;
}

/** In a raw string the backslash stays; it only keeps a quote from ending the string. */
function rawEscape(text: string, at: number): Escape {
  const code = text.codePointAt(at + 1)!;
  return { octets: `\\${utf8(code)}`, end: at + (code > 0xffff ? 3 : 2) };
}

const SIMPLE: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function escapeAt(text: string, at: number): Escape {
  const c = text[at + 1] ?? '';
  const simple = SIMPLE[c];
  if (simple !== undefined) return { octets: simple, end: at + 2 };
  const here = text.slice(at);
  const octal = /^\\([0-3]?[0-7]{1,2})/.exec(here);
  if (octal) return { octets: String.fromCharCode(Number.parseInt(octal[1]!, 8)), end: at + octal[0].length };
  const hex = /^\\x([0-9a-fA-F]{1,2})/.exec(here);
  if (hex) return { octets: String.fromCharCode(Number.parseInt(hex[1]!, 16)), end: at + hex[0].length };
  const unicode = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(here);
  const code = unicode ? Number.parseInt(unicode[1] ?? unicode[2]!, 16) : -1;
  if (unicode && code <= 0x10ffff) return { octets: utf8(code), end: at + unicode[0].length };
  throw new FilterFault(
    { at, end: at + 2 },
    `"\\${c}" is no escape. Write \\\\ for a backslash, or r"…" for a string in which it means itself.`,
  );
}

/** A code point as the octets UTF-8 makes of it, one character each. */
export function utf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
}
