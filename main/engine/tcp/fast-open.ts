import type { IpAddress } from '../../wire/ip-address.ts';
import type { Segment } from '../../wire/segment.ts';
import type { Host } from '../host.ts';
import { type HashKey, keyedHash } from '../keyed-hash.ts';
import type { Ends } from '../probes.ts';
import { connectionWords } from './isn.ts';
import type { Listener } from './listener.ts';
import { optionOf } from './options.ts';

/** Bits of net.ipv4.tcp_fastopen. */
export const FastOpenBit = { client: 1, server: 2, clientWithoutCookie: 4, serverWithoutCookie: 0x200, everyListener: 0x400 } as const;

export const fastOpenAllows = (host: Host, bit: number): boolean => (host.sysctls.get('net.ipv4.tcp_fastopen') & bit) !== 0;

/** Two hash keys, for the two halves of a cookie. */
export type FastOpenKey = readonly [HashKey, HashKey];

/** TCP_FASTOPEN_KEY: 16 octets, or 32 whose second half is the key before, so that its cookies stay good for a while. */
export function readFastOpenKeys(octets: Uint8Array): readonly FastOpenKey[] | undefined {
  if (octets.length !== 16 && octets.length !== 32) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const word = (index: number): number => view.getUint32(4 * index, true);
  const key = (at: number): FastOpenKey => [
    [word(at), word(at + 1)],
    [word(at + 2), word(at + 3)],
  ];
  return octets.length === 16 ? [key(0)] : [key(0), key(4)];
}

const hostKey = (host: Host): FastOpenKey => [
  [host.hash([6, 0]), host.hash([6, 1])],
  [host.hash([6, 2]), host.hash([6, 3])],
];

/** What only this server can make, for this pair of addresses (RFC 7413 §4.1.2): who shows it has received from us before. */
function cookie(key: FastOpenKey, ends: Ends): Uint8Array {
  const words = connectionWords({ ...ends, localPort: 0, remotePort: 0 });
  const octets = new Uint8Array(8);
  const view = new DataView(octets.buffer);
  view.setUint32(0, keyedHash(key[0], words));
  view.setUint32(4, keyedHash(key[1], words));
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
  const shown = optionOf(syn, 'fast-open')?.cookie;
  if (shown?.length === 0) host.counters.add('TCPFastOpenCookieReqd');
  if (!fastOpenAllows(host, FastOpenBit.server) || (!shown && syn.payload.length === 0) || !hasPlace(listener)) return ORDINARY;
  if (fastOpenAllows(host, FastOpenBit.serverWithoutCookie) || settings.fastOpenWithoutCookie) return opened(host, undefined);
  if (!shown) return ORDINARY;
  const cookies = (settings.fastOpenKeys ?? [hostKey(host)]).map((key) => cookie(key, ends));
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
  if (fastOpenPending.size < Math.min(most, host.sysctls.get('net.core.somaxconn'))) return true;
  host.counters.add('TCPFastOpenListenOverflow');
  return false;
}

/** What a client remembers of a server (RFC 7413 §4.1.3). */
export interface FastOpenMemory {
  readonly cookie: Uint8Array;
  readonly mss: number;
}

/** Cookies by server address. */
export type FastOpenCache = Map<IpAddress, FastOpenMemory>;

/** What the SYN to that server shows: a cookie, none because none is needed, or the question for one (empty, without data). */
export function cookieToShow(host: Host, server: IpAddress): { readonly option: Uint8Array | undefined; readonly mayCarryData: boolean } {
  const known = host.fastOpenCache.get(server)?.cookie;
  if (fastOpenAllows(host, FastOpenBit.clientWithoutCookie)) return { option: known, mayCarryData: true };
  return { option: known ?? new Uint8Array(0), mayCarryData: known !== undefined };
}
