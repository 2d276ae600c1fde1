import { type IpAddress, ip, ipVersionOf, parseIpAddress } from '../../wire/ip-address.ts';
import { ok, type Result } from '../../wire/result.ts';
import { type Errno, fail } from './errno.ts';
import type { Domain, Socket } from './socket.ts';

/** What programs pass and get; the address as text. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

const versionOf = (domain: Domain): 4 | 6 => (domain === 'AF_INET' ? 4 : 6);

/** Reads a program's address for a socket of that family. */
export function parseEndpoint(socket: Socket, { address, port }: SocketAddress): Result<Endpoint, Errno> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return fail('EINVAL', `port ${port} is not between 0 and 65535`);
  const parsed = parseIpAddress(address);
  if (parsed === undefined) return fail('EINVAL', `"${address}" is no IP address`);
  const version = ipVersionOf(parsed);
  // A socket of IPv6 speaks IPv4 too (RFC 3493 §3.7), written as IPv4 here.
  if (version === 6 && versionOf(socket.domain) === 4) return fail('EAFNOSUPPORT', `${address} is an IPv6 address, the socket AF_INET`);
  return ok({ address: parsed, port });
}

export const anyAddress = (domain: Domain): IpAddress => ip(domain === 'AF_INET' ? '0.0.0.0' : '::');
