import { type SeqNum, seq } from '../../wire/seq.ts';
import type { Host } from '../host.ts';
import type { Ends } from '../probes.ts';

/** The 4-tuple as numbers for the keyed hash. Addresses enter by their text: one text stands for one address. */
export function connectionWords({ localAddress, localPort, remoteAddress, remotePort }: Ends): number[] {
  const result = [localPort, remotePort];
  for (const text of [localAddress, remoteAddress]) for (let i = 0; i < text.length; i++) result.push(text.charCodeAt(i));
  return result;
}

const TICK_NANOS = 64; // Linux counts 64 ns where RFC 6528 has 4 µs: at today's rates the circle must turn faster

/** ISN = M + F(local, remote, secret) (RFC 6528 §3): a new incarnation starts beyond the old, a stranger cannot guess where. */
export const initialSequenceNumber = (host: Host, ends: Ends): SeqNum =>
  seq(host.hash([1, ...connectionWords(ends)]) + (Math.floor(host.clock.now / TICK_NANOS) % 2 ** 32));

/** Timestamps of each pair of addresses start elsewhere, so that they do not tell the uptime (RFC 7323 §7.1). */
export const timestampOffset = (host: Host, ends: Ends): number =>
  host.hash([2, ...connectionWords({ ...ends, localPort: 0, remotePort: 0 })]);

/** Where the search for an ephemeral port begins (RFC 6056 §3.3.3). */
export const portOffset = (host: Host, ends: Ends): number => host.hash([3, ...connectionWords(ends)]);
