import { seqAdd, seqAfter, seqDistance } from '../../wire/seq.ts';
import { micros, ms } from '../../wire/units.ts';
import { pacingRate } from './pacing.ts';
import type { Tcb } from './tcb.ts';

/** Octets of the largest buffer: an IP packet's 65,536 without what Linux keeps free for headers (MAX_TCP_HEADER + 1). */
const MOST_OCTETS = 65_215;
/** A peer whose window never was larger has no half worth keeping free (Linux TCP_MSS_DEFAULT). */
const SMALL_WINDOW = 536;
/** What is sent in one piece takes about a millisecond of the rate: 2^10 µs (Linux sk_pacing_shift). */
const PACING_SHIFT = 10;

/**
 * Segmentation offload: TCP sends several segments at once as one buffer, and the link cuts it (Linux has it always on).
 * How much is worth gathering in one buffer: whole segments, half the peer's largest window at most, so that two are
 * under way (tcp_xmit_size_goal, tcp_bound_to_half_wnd).
 */
export function bufferGoal({ maxWindow, mss }: Tcb): number {
  const half = maxWindow > SMALL_WINDOW ? maxWindow >> 1 : maxWindow;
  const most = half > 0 ? Math.min(MOST_OCTETS, half) : MOST_OCTETS;
  return Math.max(1, Math.floor(most / mss)) * mss;
}

/** The most segments in one buffer: what a slow way takes in a millisecond, so that nobody else waits long behind it (tcp_tso_autosize). */
export function mostSegments(tcb: Tcb): number {
  const { now } = tcb.host.sysctls;
  const halvings = Math.floor(tcb.roundTrip.minimum / micros(1) / 2 ** now['net.ipv4.tcp_tso_rtt_log']);
  // On a short way more may go: the next ACK is near.
  const octets = pacingRate(tcb) / 2 ** PACING_SHIFT + MOST_OCTETS / 2 ** halvings;
  return Math.max(Math.floor(Math.min(octets, MOST_OCTETS) / tcb.mss), now['net.ipv4.tcp_min_tso_segs']);
}

/** Segments that may go now as one: half the window at most, so that there always are two buffers under way (tcp_cwnd_test). */
export const segmentQuota = ({ congestion: { cwnd } }: Tcb, flying: number): number => Math.min(Math.max(cwnd >> 1, 1), cwnd - flying);

/** What holds a buffer back that could go in part. */
export type Deferral = 'none' | 'congestion-window' | 'peer-window' | 'user';

/**
 * Is it better to wait for the next ACK, and send a larger buffer then (Linux tcp_tso_should_defer)? Not when a good part
 * of the window is free already, when the user has been silent, or when that ACK is not near.
 */
export function deferral(tcb: Tcb, length: number, flying: number, most: number): Deferral {
  const { congestion, sendQueue, mss, host } = tcb;
  const { now } = host.clock;
  const latest = sendQueue.sent.latestSent;
  if (congestion.phase === 'recovery' || congestion.phase === 'loss' || !latest || now - latest.sentAt >= ms(1)) return 'none';
  const peerWindow = seqDistance(tcb.sndNxt, tcb.windowEnd);
  const congestionWindow = (congestion.cwnd - flying) * mss;
  const room = Math.min(peerWindow, congestionWindow);
  const head = sendQueue.head!;
  const isLast = sendQueue.length === 1;
  if (room >= most * mss || (!isLast && room >= length)) return 'none';
  const divisor = host.sysctls.now['net.ipv4.tcp_tso_win_divisor'];
  if (divisor === 0 ? room > 3 * mss : room >= Math.min(tcb.sndWnd, congestion.cwnd * mss) / divisor) return 'none';
  const oldest = sendQueue.sent.head!;
  const { srtt } = tcb.roundTrip;
  if (oldest.sentAt + srtt - now > Math.min(srtt / 2, ms(1))) return 'none';
  if (congestionWindow < peerWindow) {
    if (congestionWindow <= length) return 'congestion-window';
  } else if (peerWindow <= length) return 'peer-window';
  return (isLast && tcb.finQueued) || head.endsRecord ? 'none' : 'user';
}

/** How much of a buffer goes: whole segments within `quota` and the peer's window, and the short end where Nagle lets it (tcp_mss_split_point). */
export function splitPoint(tcb: Tcb, length: number, quota: number, mayEndShort: boolean): number {
  const { mss } = tcb;
  const window = seqDistance(tcb.sndNxt, tcb.windowEnd);
  const most = mss * quota;
  if (most <= window && tcb.sendQueue.length > 1) return Math.min(most, length);
  const needed = Math.min(length, window);
  if (most <= needed) return most;
  return mayEndShort ? needed : needed - (needed % mss);
}

/** The first segment of a buffer fits the peer's window: what does not goes later (tcp_snd_wnd_test). */
export const fitsWindow = (tcb: Tcb, length: number, isFin: boolean): boolean =>
  !seqAfter(seqAdd(tcb.sndNxt, length > tcb.mss ? tcb.mss : length + (isFin ? 1 : 0)), tcb.windowEnd);
