import { errnoName } from './linux-native.ts';
import type { Called, KernelSocket } from './socket.ts';

/** What the value of an option is: a number, on or off, `struct linger`, a text, octets as they are, or an errno by name (empty: none). */
type Kind = 'number' | 'flag' | 'linger' | 'text' | 'octets' | 'errno';

interface Option {
  readonly level: number;
  readonly number: number;
  readonly kind: Kind;
}

export type SocketOptionValue = number | boolean | string | Uint8Array | { readonly onoff: boolean; readonly linger: number };

const option =
  (level: number) =>
  (number: number, kind: Kind = 'number'): Option => ({ level, number, kind });
const socket = option(1);
const ip = option(0);
const ipv6 = option(41);
const tcp = option(6);

/** The options of socket(7), ip(7), ipv6(7) and tcp(7) by name, with Linux's numbers. */
const OPTIONS: Readonly<Record<string, Option>> = {
  SO_REUSEADDR: socket(2, 'flag'),
  SO_TYPE: socket(3),
  SO_ERROR: socket(4, 'errno'),
  SO_SNDBUF: socket(7),
  SO_RCVBUF: socket(8),
  SO_KEEPALIVE: socket(9, 'flag'),
  SO_OOBINLINE: socket(10, 'flag'),
  SO_LINGER: socket(13, 'linger'),
  SO_REUSEPORT: socket(15, 'flag'),
  SO_RCVLOWAT: socket(18),
  SO_ACCEPTCONN: socket(30, 'flag'),
  SO_DOMAIN: socket(39),
  IP_TOS: ip(1),
  IP_TTL: ip(2),
  IP_MTU_DISCOVER: ip(10),
  IP_BIND_ADDRESS_NO_PORT: ip(24, 'flag'),
  IPV6_UNICAST_HOPS: ipv6(16),
  IPV6_V6ONLY: ipv6(26, 'flag'),
  IPV6_TCLASS: ipv6(67),
  TCP_NODELAY: tcp(1, 'flag'),
  TCP_MAXSEG: tcp(2),
  TCP_CORK: tcp(3, 'flag'),
  TCP_KEEPIDLE: tcp(4),
  TCP_KEEPINTVL: tcp(5),
  TCP_KEEPCNT: tcp(6),
  TCP_SYNCNT: tcp(7),
  TCP_LINGER2: tcp(8),
  TCP_DEFER_ACCEPT: tcp(9),
  TCP_WINDOW_CLAMP: tcp(10),
  TCP_INFO: tcp(11, 'octets'),
  TCP_QUICKACK: tcp(12, 'flag'),
  TCP_CONGESTION: tcp(13, 'text'),
  TCP_USER_TIMEOUT: tcp(18),
  TCP_FASTOPEN: tcp(23),
  TCP_NOTSENT_LOWAT: tcp(25),
  TCP_FASTOPEN_CONNECT: tcp(30, 'flag'),
  TCP_FASTOPEN_KEY: tcp(33, 'octets'),
  TCP_FASTOPEN_NO_COOKIE: tcp(34, 'flag'),
};

const UNKNOWN = { ok: false, errno: 'ENOPROTOOPT' } as const;
const named = (name: string): Option | undefined => (Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined);

export function setSocketOption(on: KernelSocket, name: string, value: SocketOptionValue): Called<number> {
  const known = named(name);
  if (!known) return UNKNOWN;
  const octets = encoded(value);
  return octets ? on.setOption(known.level, known.number, octets) : { ok: false, errno: 'EINVAL' };
}

const MOST_OCTETS = 512;

export function socketOption(on: KernelSocket, name: string): Called<SocketOptionValue> {
  const known = named(name);
  if (!known) return UNKNOWN;
  const given = on.option(known.level, known.number, MOST_OCTETS);
  return given.ok ? { ok: true, value: decoded(given.value, known.kind) } : given;
}

function encoded(value: SocketOptionValue): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value);
  const numbers = typeof value === 'object' ? [Number(value.onoff), value.linger] : [Number(value)];
  return numbers.every((one) => Number.isInteger(one) && Math.abs(one) <= 0x7fff_ffff)
    ? new Uint8Array(Int32Array.from(numbers).buffer)
    : undefined;
}

function decoded(octets: Uint8Array, kind: Kind): SocketOptionValue {
  if (kind === 'octets') return octets;
  if (kind === 'text') return Buffer.from(octets).toString('latin1').replace(/\0.*$/s, '');
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const number = octets.length >= 4 ? view.getInt32(0, true) : (octets[0] ?? 0);
  if (kind === 'linger') return { onoff: number !== 0, linger: octets.length >= 8 ? view.getInt32(4, true) : 0 };
  if (kind === 'errno') return number === 0 ? '' : errnoName(-number);
  return kind === 'flag' ? number !== 0 : number;
}
