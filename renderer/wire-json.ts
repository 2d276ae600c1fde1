/**
 * JSON with octets in it, as the served door's socket speaks it: a `Uint8Array` travels as `{"$octets": base64}`.
 * Everything else in the contract is plain data and needs no help.
 */
const KEY = '$octets';

export function encodeMessage(message: unknown): string {
  return JSON.stringify(message, (_key, value: unknown) => (value instanceof Uint8Array ? { [KEY]: toBase64(value) } : value));
}

/** Throws a SyntaxError on text that is not JSON or holds octets that are not base64. */
export function decodeMessage(text: string): unknown {
  // Looking at every value takes four times as long, and most messages, each delta of a live capture among them, hold no octets.
  if (!text.includes(`"${KEY}"`)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => (isWrapped(value) ? fromBase64(value[KEY]) : value));
}

const isWrapped = (value: unknown): value is { readonly [KEY]: string } =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Record<string, unknown>)[KEY] === 'string' &&
  Object.keys(value).length === 1;

/** Characters for one call: the argument list of `fromCharCode` must not outgrow the stack. */
const CHUNK = 0x8000;

function toBase64(octets: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < octets.length; at += CHUNK) binary += String.fromCharCode(...octets.subarray(at, at + CHUNK));
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new SyntaxError('octets in a message are not base64');
  }
  const octets = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) octets[i] = binary.charCodeAt(i);
  return octets;
}
