import { type SeqNum, seq } from '../../wire/seq.ts';
import type { Host } from '../host.ts';
import type { Ends } from '../probes.ts';

/** What the hash is asked for; the same connection gives each of them another number. */
type Purpose = 'iss' | 'timestamp' | 'port' | 'cookie' | 'cookie-secret' | 'shared-port';
const PURPOSES: { readonly [P in Purpose]: number } = { iss: 1, timestamp: 2, port: 3, cookie: 4, 'cookie-secret': 5, 'shared-port': 6 };

/** One for all, long enough for two addresses of IPv6: a hash is made before the next one begins. */
const words = new Int32Array(32);

/** An address enters by its text, four letters to a word behind their number: one text stands for one address. */
function addText(text: string, at: number): number {
  let end = at;
  words[end++] = text.length;
  for (let i = 0; i < text.length; i += 4) {
    let word = 0;
    for (let k = i; k < i + 4 && k < text.length; k++) word = (word << 8) | text.charCodeAt(k);
    words[end++] = word;
  }
  return end;
}

/** The keyed hash of a connection, or of what is known of it where a port is left 0; `count` tells apart one moment from another. */
export function connectionHash(
  host: Host,
  purpose: Purpose,
  ends: Omit<Ends, 'localPort'>,
  localPort: number,
  remotePort: number,
  count = 0,
): number {
  words[0] = PURPOSES[purpose];
  words[1] = count;
  words[2] = localPort;
  words[3] = remotePort;
  return host.hash(words, addText(ends.remoteAddress, addText(ends.localAddress, 4)));
}

const TICK_NANOS = 64; // Linux counts 64 ns where RFC 6528 has 4 µs: at today's rates the circle must turn faster

/** ISN = M + F(local, remote, secret) (RFC 6528 §3): a new incarnation starts beyond the old, a stranger cannot guess where. */
export const initialSequenceNumber = (host: Host, ends: Ends): SeqNum =>
  seq(connectionHash(host, 'iss', ends, ends.localPort, ends.remotePort) + (Math.floor(host.clock.now / TICK_NANOS) % 2 ** 32));

/** Timestamps of each pair of addresses start elsewhere, so that they do not tell the uptime (RFC 7323 §7.1). */
export const timestampOffset = (host: Host, ends: Ends): number => connectionHash(host, 'timestamp', ends, 0, 0);

/** Where the search for an ephemeral port begins (RFC 6056 §3.3.3). */
export const portOffset = (host: Host, ends: Omit<Ends, 'localPort'>): number => connectionHash(host, 'port', ends, 0, ends.remotePort);

/** Which of the sockets that share a port gets what comes from there (SO_REUSEPORT). */
export const sharedPortHash = (host: Host, ends: Ends): number =>
  connectionHash(host, 'shared-port', ends, ends.localPort, ends.remotePort);
