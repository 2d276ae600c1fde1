import { type IpAddress, ipAddressAt, ipAddressBytes, ipVersionOf, parseIpAddress } from '../../wire/ip-address.ts';
import { err, ok, type Result } from '../../wire/result.ts';

/** The two ends of a TUN interface in one subnet. */
export interface Ends {
  /** The engine's host. */
  readonly engine: IpAddress;
  /** The kernel's side; undefined where the subnet holds one address only, and a route leads there instead. */
  readonly kernel: IpAddress | undefined;
  readonly prefixLength: number;
}

/**
 * Reads ADDRESS/LENGTH, the engine's own, and chooses the kernel's: the first host of the same subnet, or the second when
 * the first is the engine's. Says in a sentence what is wrong with anything else.
 */
export function readEnds(cidr: string): Result<Ends, string> {
  const [text = '', length, ...rest] = cidr.split('/');
  const engine = parseIpAddress(text);
  if (!engine || length === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length))
    return err(`"${cidr}" is no address with prefix length, such as 10.9.0.2/24 or fd09::2/64.`);
  const octets = ipAddressBytes(engine);
  const bits = octets.length * 8;
  const prefixLength = Number(length);
  if (prefixLength < 1 || prefixLength > bits) return err(`The prefix length in "${cidr}" is not from 1 to ${bits}.`);
  if (prefixLength === bits) return ok({ engine, kernel: undefined, prefixLength });
  const hostBits = bits - prefixLength;
  // A subnet of two has no addresses to spare (RFC 3021, RFC 6164); others keep the first, and in IPv4 the last.
  const first = hostBits === 1 ? 0 : 1;
  if (hostBits > 1 && hostPartIs(octets, prefixLength, 0)) return err(`${engine} is the name of the subnet, not of a host in it.`);
  if (hostBits > 1 && ipVersionOf(engine) === 4 && hostPartIs(octets, prefixLength, 1))
    return err(`${engine} is the broadcast address of its subnet, not of a host in it.`);
  const firstHost = hostNumber(octets, prefixLength, first);
  return ok({ engine, kernel: firstHost === engine ? hostNumber(octets, prefixLength, first + 1) : firstHost, prefixLength });
}

/** Are all bits behind the prefix that one? */
function hostPartIs(octets: Uint8Array, prefixLength: number, bit: 0 | 1): boolean {
  for (let at = prefixLength; at < octets.length * 8; at++) if (((octets[at >> 3]! >> (7 - (at & 7))) & 1) !== bit) return false;
  return true;
}

/** The host of that number, up to 2, in the subnet. */
function hostNumber(octets: Uint8Array, prefixLength: number, number: number): IpAddress {
  const result = octets.slice();
  for (let at = prefixLength; at < octets.length * 8; at++) result[at >> 3]! &= ~(0x80 >> (at & 7));
  result[result.length - 1]! |= number;
  return ipAddressAt(result, 0, octets.length === 4 ? 4 : 6);
}
