import { type IpAddress, ip, ipVersionOf, parseIpAddress } from '../../wire/ip-address.ts';
import { ok, type Result } from '../../wire/result.ts';
import { isMapped, mapped, unmapped } from '../ip/addresses.ts';
import { type Errno, type ErrnoName, fail } from './errno.ts';
import type { Domain, Socket } from './socket.ts';

/** What programs pass and get; the address as text. For AF_UNIX it is the path, and the port is 0. */
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
export function parseEndpoint(
  socket: Socket,
  { address, port }: SocketAddress,
  notIpv6: ErrnoName = 'ENETUNREACH',
): Result<Endpoint, Errno> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return fail('EINVAL', `port ${port} is not between 0 and 65535`);
  const parsed = socket.host.routes.isKnown(address) ? address : parseIpAddress(address);
  if (parsed === undefined) return fail('EINVAL', `"${address}" is no IP address`);
  const version = ipVersionOf(parsed);
  if (version === 6 && versionOf(socket.domain) === 4) return fail('EAFNOSUPPORT', `${address} is an IPv6 address, the socket AF_INET`);
  // A socket of IPv6 speaks IPv4 too (RFC 3493 §3.7): ::ffff:a.b.c.d, or just a.b.c.d here, stands for the address of IPv4.
  if (socket.settings.ipv6Only && versionOf(socket.domain) === 6 && (version === 4 || isMapped(parsed)))
    return fail(notIpv6, 'the socket speaks IPv6 only');
  // Where the program's text is the address already, that very text serves, and is kept once for all its connections.
  return ok({ address: unmapped(parsed === address ? (address as IpAddress) : parsed), port });
}

/** An address as a socket of that family tells it. */
export const nameFor = (domain: Domain, { address, port }: Endpoint): SocketAddress => ({
  address: domain === 'AF_INET6' ? mapped(address) : address,
  port,
});

export const anyAddress = (domain: Domain): IpAddress => ip(domain === 'AF_INET' ? '0.0.0.0' : '::');
