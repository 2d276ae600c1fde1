import { readU16 } from './octets.ts';

/**
 * An IPv4 or IPv6 address. Its value is its text (RFC 5952 for IPv6, as inet_ntop prints it), so that `===`, Map keys
 * and JSON compare addresses and not objects: there is exactly one text for every address.
 */
export type IpAddress = string & { readonly unit: 'ip-address' };

export const ipVersionOf = (address: IpAddress): 4 | 6 => (address.includes(':') ? 6 : 4);

/** The address in the 4 or 16 octets at `at`; the caller has checked that they are there. */
export const ipAddressAt = (bytes: Uint8Array, at: number, version: 4 | 6): IpAddress =>
  version === 4 ? ipv4AddressAt(bytes, at) : ipv6AddressAt(bytes, at);

export const ipv4AddressAt = (bytes: Uint8Array, at: number): IpAddress =>
  `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}` as IpAddress;

/**
 * RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as "::".
 * IPv4-mapped and IPv4-compatible addresses end in dotted form, as in inet_ntop.
 */
export function ipv6AddressAt(bytes: Uint8Array, at: number): IpAddress {
  let bestStart = -1;
  let bestLength = 1;
  for (let group = 0; group < 8; ) {
    let end = group;
    while (end < 8 && readU16(bytes, at + 2 * end) === 0) end++;
    if (end - group > bestLength) {
      bestStart = group;
      bestLength = end - group;
    }
    group = end + 1;
  }
  const mapped = bestStart === 0 && bestLength === 5 && readU16(bytes, at + 10) === 0xffff;
  const compatible = bestStart === 0 && bestLength === 6;
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      text += '::';
      group += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    if (group === 6 && (mapped || compatible)) return `${text}${ipv4AddressAt(bytes, at + 12)}` as IpAddress;
    text += readU16(bytes, at + 2 * group).toString(16);
  }
  return text as IpAddress;
}

/** The 4 or 16 octets of an address. */
export function ipAddressBytes(address: IpAddress): Uint8Array {
  return ipVersionOf(address) === 4 ? parseIpv4(address)! : parseIpv6(address)!;
}

/** Reads any common spelling ("::1", "0:0:0:0:0:0:0:1"); undefined when the text is no address. Zones ("%eth0") are refused. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? ipv4AddressAt(bytes, 0) : ipv6AddressAt(bytes, 0);
}

/** For addresses written in the source, where a misspelling is a bug. */
export function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an IP address: ${text}`);
  return address;
}

/** IPv4 before IPv6, then by value. */
export function compareIpAddresses(a: IpAddress, b: IpAddress): number {
  const left = ipAddressBytes(a);
  const right = ipAddressBytes(b);
  if (left.length !== right.length) return left.length - right.length;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return 0;
}

const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Digit by digit, because every packet that is written as octets comes through here. */
function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let part = 0;
  let value = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || part === 3) return undefined;
      bytes[part++] = value;
      value = 0;
      digits = 0;
      continue;
    }
    // "010" is octal to some readers and decimal to others, so it is nothing here.
    if (code < ZERO || code > NINE || (digits > 0 && value === 0)) return undefined;
    value = value * 10 + (code - ZERO);
    if (value > 255) return undefined;
    digits++;
  }
  if (part !== 3 || digits === 0) return undefined;
  bytes[3] = value;
  return bytes;
}

/** RFC 4291 §2.2. */
function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const written = head.length + tail.length;
  if (halves.length === 1 ? written !== 16 : written > 14) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The octets of groups written between colons; only the last of the whole address may be dotted. */
function parseGroups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (mayEndDotted && i === groups.length - 1 && group.includes('.')) {
      const dotted = parseIpv4(group);
      if (dotted === undefined) return undefined;
      bytes.push(...dotted);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}
