import { Flag, type Segment, type TcpOption } from '../../wire/segment.ts';
import { type SeqNum, seq, seqAdd } from '../../wire/seq.ts';
import { ms, seconds } from '../../wire/units.ts';
import type { Host } from '../host.ts';
import { ipHeaderLength } from '../network/packet.ts';
import type { Ends } from '../probes.ts';
import { connectionHash, timestampOffset } from './isn.ts';
import { optionOf } from './options.ts';
import type { Tcb } from './tcb.ts';

/**
 * SYN cookies (RFC 4987 §3.6, Linux syncookies.c): when the SYN queue is full the listener keeps nothing. What it must
 * know when the third segment comes is written into the numbers that this segment brings back: the peer's MSS, rounded
 * down to one of four, into the initial sequence number; window scale and SACK into the low bits of the timestamp. A
 * client without timestamps keeps its MSS and nothing else.
 */

const PERIOD = seconds(60);
/** A cookie of this period and the one before is good. */
const MAX_AGE = 2;
const MASK = 0xff_ffff;
const MSS_V4 = [536, 1300, 1440, 1460];
const MSS_V6 = [1220, 1420, 1440, 8940];

const STAMP_BITS = 6;
const NO_WINDOW_SCALE = 0x0f;
const SACK = 0x10;

const tableFor = ({ localAddress }: Ends): readonly number[] => (ipHeaderLength(localAddress) === 20 ? MSS_V4 : MSS_V6);
const period = (host: Host): number => Math.floor(host.clock.now / PERIOD);
const mask = (host: Host, ends: Ends, count: number, purpose: 'cookie' | 'cookie-secret'): number =>
  connectionHash(host, purpose, ends, ends.localPort, ends.remotePort, count);

/** Number `index` of the largest entry that is not above what the peer can take. */
function mssIndex(table: readonly number[], mss: number): number {
  for (let i = table.length - 1; i > 0; i--) if (mss >= table[i]!) return i;
  return 0;
}

/** The initial sequence number that tells, one round trip later, that we have seen this SYN, and its MSS. */
export function cookieFor(host: Host, ends: Ends, syn: Segment, mss: number): SeqNum {
  const count = period(host);
  const secret = (mask(host, ends, count, 'cookie-secret') + mssIndex(tableFor(ends), mss)) & MASK;
  return seq(mask(host, ends, 0, 'cookie') + syn.seq + count * 2 ** 24 + secret);
}

/** The MSS in the cookie this segment acknowledges; undefined when it is none of ours, or an old one. */
function mssInCookie(host: Host, ends: Ends, segment: Segment): number | undefined {
  const cookie = seq(segment.ack - 1 - mask(host, ends, 0, 'cookie') - (segment.seq - 1));
  const count = period(host);
  const age = (count - (cookie >>> 24)) & 0xff;
  if (age >= MAX_AGE) return undefined;
  return tableFor(ends)[(cookie - mask(host, ends, count - age, 'cookie-secret')) & MASK];
}

/** The timestamp of the SYN,ACK: the time, never a later one, whose low bits tell the options agreed on. */
export function cookieTimestamp(tcb: Tcb): number {
  const now = Math.floor(tcb.host.clock.now / ms(1));
  const bits = (tcb.hasWindowScale ? tcb.sndWindScale : NO_WINDOW_SCALE) | (tcb.hasSack ? SACK : 0);
  const stamp = Math.floor(now / 2 ** STAMP_BITS) * 2 ** STAMP_BITS + bits;
  return stamp > now ? stamp - 2 ** STAMP_BITS : stamp;
}

/** The SYN as far as the third segment still tells it; undefined when that brings no cookie of ours. */
export function synFromCookie(host: Host, ends: Ends, segment: Segment): Segment | undefined {
  const octets = mssInCookie(host, ends, segment);
  if (octets === undefined) {
    host.counters.add('SyncookiesFailed');
    return undefined;
  }
  host.counters.add('SyncookiesRecv');
  const options: TcpOption[] = [{ kind: 'mss', octets }];
  const stamps = optionOf(segment, 'timestamps');
  if (stamps) {
    const bits = seq(stamps.echo - timestampOffset(host, ends));
    const shift = bits & NO_WINDOW_SCALE;
    options.push(stamps);
    if (bits & SACK) options.push({ kind: 'sack-permitted' });
    if (shift !== NO_WINDOW_SCALE) options.push({ kind: 'window-scale', shift });
  }
  return { ...segment, seq: seqAdd(segment.seq, -1), flags: Flag.SYN, options, payload: segment.payload.subarray(0, 0) };
}
