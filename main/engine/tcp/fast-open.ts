import { ipAddressBytes } from '../../wire/ip-address.ts';
import type { Segment } from '../../wire/segment.ts';
import type { Host } from '../host.ts';
import type { Ends } from '../probes.ts';
import { sipHash } from '../siphash.ts';
import type { Listener } from './listener.ts';

/** Bits of net.ipv4.tcp_fastopen. */
export const FastOpenBit = { client: 1, server: 2, clientWithoutCookie: 4, serverWithoutCookie: 0x200, everyListener: 0x400 } as const;

/** What the option carries: a cookie, or no octets to ask for one. */
export interface FastOpenCookie {
  readonly octets: Uint8Array;
  /** Written as before the option had a number of its own (RFC 7413 appendix A). */
  readonly experimental: boolean;
}

const COOKIE_OCTETS = { least: 4, most: 16 }; // RFC 7413 §4.1.1

/** Of a SYN or SYN,ACK; undefined where none is valid. A cookie has an even length, and the last option counts. */
export function fastOpenCookieIn({ options }: Segment): FastOpenCookie | undefined {
  let found: FastOpenCookie | undefined;
  for (const option of options) {
    if (option.kind !== 'fast-open' || option.cookie.length % 2 !== 0) continue;
    const { length } = option.cookie;
    const isValid = length === 0 || (length >= COOKIE_OCTETS.least && length <= COOKIE_OCTETS.most);
    found = isValid ? { octets: option.cookie, experimental: option.experimental } : undefined;
  }
  return found;
}

export const fastOpenAllows = (host: Host, bit: number): boolean => (host.sysctls.now['net.ipv4.tcp_fastopen'] & bit) !== 0;

/** A key of SipHash, the low half first. */
export type FastOpenKey = readonly [bigint, bigint];

/** TCP_FASTOPEN_KEY: 16 octets, or 32 whose second half is the key before, so that its cookies stay good for a while. */
export function readFastOpenKeys(octets: Uint8Array): readonly FastOpenKey[] | undefined {
  if (octets.length !== 16 && octets.length !== 32) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const key = (at: number): FastOpenKey => [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)];
  return octets.length === 16 ? [key(0)] : [key(0), key(16)];
}

/** net.ipv4.tcp_fastopen_key: four words of 32 bits as hexadecimal digits; with a comma between two keys, as above. */
export const keysInSysctl = (text: string): readonly FastOpenKey[] =>
  text.split(',').map((key) => {
    const [a, b, c, d] = key.split('-').map((word) => BigInt(`0x${word}`)) as [bigint, bigint, bigint, bigint];
    return [(b << 32n) | a, (d << 32n) | c];
  });

/** As on Linux, a host whose key nobody has set draws one. */
function hostKeys(host: Host): readonly FastOpenKey[] {
  const name = 'net.ipv4.tcp_fastopen_key';
  if (host.sysctls.isSet(name)) return keysInSysctl(host.sysctls.get(name));
  const word = (n: number): bigint => (BigInt(host.hash([6, n])) << 32n) | BigInt(host.hash([6, n + 1]));
  return [[word(0), word(2)]];
}

/**
 * What only this server can make, for this pair of addresses (RFC 7413 §4.1.2): who shows it has received from us before.
 * Made as Linux makes it, so that the same key gives the same cookie.
 */
export function fastOpenCookie(
  key: FastOpenKey,
  { remoteAddress, localAddress }: Pick<Ends, 'remoteAddress' | 'localAddress'>,
): Uint8Array {
  const addresses = [...ipAddressBytes(remoteAddress), ...ipAddressBytes(localAddress)];
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, sipHash(key, Uint8Array.from(addresses)), true);
  return octets;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i]);

/** What a server makes of a SYN: `open` takes its data at once; `grant` is the cookie that the SYN,ACK hands out. */
export interface FastOpenVerdict {
  readonly open: boolean;
  readonly grant: Uint8Array | undefined;
}

const ORDINARY: FastOpenVerdict = { open: false, grant: undefined };

/** RFC 7413 §4.2.2, Linux tcp_try_fastopen. */
export function judgeFastOpen(listener: Listener, ends: Ends, syn: Segment): FastOpenVerdict {
  const { host, settings } = listener;
  const shown = fastOpenCookieIn(syn)?.octets;
  if (shown?.length === 0) host.counters.add('TCPFastOpenCookieReqd');
  if (!fastOpenAllows(host, FastOpenBit.server) || (!shown && syn.payload.length === 0) || !hasPlace(listener)) return ORDINARY;
  if (fastOpenAllows(host, FastOpenBit.serverWithoutCookie) || settings.fastOpenWithoutCookie) return opened(host, undefined);
  if (!shown) return ORDINARY;
  const cookies = (settings.fastOpenKeys ?? hostKeys(host)).map((key) => fastOpenCookie(key, ends));
  const which = shown.length === 0 ? -1 : cookies.findIndex((known) => isSame(known, shown));
  if (which === 0) return opened(host, undefined);
  if (which > 0) {
    host.counters.add('TCPFastOpenPassiveAltKey');
    return opened(host, cookies[0]);
  }
  if (shown.length > 0) host.counters.add('TCPFastOpenPassiveFail');
  return { open: false, grant: cookies[0] };
}

function opened(host: Host, grant: Uint8Array | undefined): FastOpenVerdict {
  host.counters.add('TCPFastOpenPassive');
  return { open: true, grant };
}

/** TCP_FASTOPEN: so many connections may be open without the third segment having come (RFC 7413 §5.1). */
function hasPlace(listener: Listener): boolean {
  const { host, settings, fastOpenPending } = listener;
  const most = settings.fastOpenQueue || (fastOpenAllows(host, FastOpenBit.everyListener) ? listener.limit : 0);
  if (most === 0) return false;
  if (fastOpenPending.size < Math.min(most, host.sysctls.now['net.core.somaxconn'])) return true;
  host.counters.add('TCPFastOpenListenOverflow');
  return false;
}
