import { type IpAddress, ip, ipAddressBytes, ipVersionOf, parseIpAddress } from '../../wire/ip-address.ts';

/** An address of a host with the prefix of its network, or a network to be routed. */
export interface Prefix {
  readonly address: IpAddress;
  /** Bits that all addresses of the network share. */
  readonly length: number;
}

const bitsOf = (address: IpAddress): number => (ipVersionOf(address) === 6 ? 128 : 32);

/** Reads '10.0.0.1/24' or 'fd00::1/64'; without a length it is that one address. Throws on anything else. */
export function parsePrefix(text: string): Prefix {
  const [before, after] = text.split('/');
  const address = parseIpAddress(before!);
  const length = after === undefined ? (address ? bitsOf(address) : 0) : Number(after);
  if (!address || !Number.isInteger(length) || length < 0 || length > bitsOf(address))
    throw new RangeError(`"${text}" is no address with prefix length, such as 10.0.0.1/24 or fd00::1/64`);
  return { address, length };
}

export function isInPrefix(address: IpAddress, { address: network, length }: Prefix): boolean {
  if (ipVersionOf(address) !== ipVersionOf(network)) return false;
  const a = ipAddressBytes(address);
  const b = ipAddressBytes(network);
  for (let bit = 0; bit < length; bit += 8) {
    const mask = length - bit >= 8 ? 0xff : (0xff00 >> (length - bit)) & 0xff;
    if ((a[bit >> 3]! & mask) !== (b[bit >> 3]! & mask)) return false;
  }
  return true;
}

export const isUnspecified = (address: IpAddress): boolean => address === '0.0.0.0' || address === '::';
export const isLoopback = (address: IpAddress): boolean => address === '::1' || address.startsWith('127.');

/** 224.0.0.0/4 (RFC 1112) and ff00::/8 (RFC 4291 §2.7). */
export const isMulticast = (address: IpAddress): boolean =>
  ipVersionOf(address) === 6 ? /^ff..:/.test(address) : (Number.parseInt(address, 10) & 0xf0) === 224;

/** The whole network at once: 255.255.255.255, or the last address of one of `own` networks (RFC 919). */
export function isBroadcast(address: IpAddress, own: readonly Prefix[]): boolean {
  if (address === '255.255.255.255') return true;
  return own.some(
    (prefix) => ipVersionOf(address) === 4 && prefix.length < 31 && isInPrefix(address, prefix) && endsInOnes(address, prefix.length),
  );
}

function endsInOnes(address: IpAddress, length: number): boolean {
  const bytes = ipAddressBytes(address);
  const value = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  return value % 2 ** (32 - length) === 2 ** (32 - length) - 1;
}

/** ::ffff:a.b.c.d, by which a socket of IPv6 names an address of IPv4 (RFC 4291 §2.5.5.2). */
export const mapped = (address: IpAddress): IpAddress => (ipVersionOf(address) === 4 ? ip(`::ffff:${address}`) : address);
export const unmapped = (address: IpAddress): IpAddress => (isMapped(address) ? ip(address.slice('::ffff:'.length)) : address);
export const isMapped = (address: IpAddress): boolean => address.startsWith('::ffff:') && address.includes('.');
