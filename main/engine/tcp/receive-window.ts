import { seqDistance } from '../../wire/seq.ts';
import type { Tcb } from './tcb.ts';

/** Octets of the receive buffer that may hold payload; the rest is bookkeeping (Linux tcp_win_from_space). */
function usable(tcb: Tcb, space: number): number {
  const scale = tcb.host.sysctls.now['net.ipv4.tcp_adv_win_scale'];
  if (scale === 0) return space;
  return space - Math.floor(space / (scale < 31 ? 1 << scale : 2 ** scale));
}

/** What the window may be at most: the buffer, and TCP_WINDOW_CLAMP. */
const bufferSpace = (tcb: Tcb): number => Math.min(usable(tcb, tcb.receiveBuffer), tcb.settings.windowClamp ?? Infinity);

/** The buffer that a window of so many octets needs (Linux tcp_space_from_win). */
export function spaceFor(tcb: Tcb, window: number): number {
  const scale = tcb.host.sysctls.now['net.ipv4.tcp_adv_win_scale'];
  return scale === 0 ? window : Math.ceil(window / (1 - 2 ** -scale));
}

/** What the buffer can still take. */
export const freeSpace = (tcb: Tcb): number => Math.max(0, bufferSpace(tcb) - tcb.receiveQueue.length - tcb.receiveQueue.outOfOrderLength);

const roundDown = (n: number, unit: number): number => n - (n % unit);
const roundUp = (n: number, unit: number): number => roundDown(n + unit - 1, unit);

/** The window of the SYN and the shift that later ones use (Linux tcp_select_initial_window). */
export function initialWindow(tcb: Tcb, mss: number): void {
  const { sysctls } = tcb.host;
  let space = bufferSpace(tcb);
  if (space > mss) space = roundDown(space, mss);
  tcb.rcvWnd = Math.min(space, 65_535);
  tcb.rcvWindowLimit = tcb.rcvWnd;
  tcb.rcvWindScale = 0;
  if (!tcb.hasWindowScale) return;
  // The shift cannot change later, so it is chosen for the largest buffer the connection may ever have.
  const most = Math.max(space, sysctls.now['net.ipv4.tcp_rmem'][2]!, sysctls.now['net.core.rmem_max']);
  tcb.rcvWindScale = Math.min(14, Math.max(0, Math.floor(Math.log2(most)) - 15));
}

/** A segment of `octets` came in order: with room in the buffer the window may open further (Linux tcp_grow_window). */
export function growWindow(tcb: Tcb): void {
  const room = Math.min(bufferSpace(tcb), freeSpace(tcb)) - tcb.rcvWindowLimit;
  if (room > 0) tcb.rcvWindowLimit += Math.min(room, 2 * tcb.advertisedMss);
}

/**
 * What to offer now, avoiding silly windows (RFC 9293 §3.8.6.2.2): nothing while the buffer has less than a segment or
 * a sixteenth left, and steps of a whole segment.
 */
export function offeredWindow(tcb: Tcb): number {
  const full = bufferSpace(tcb);
  const mss = Math.min(tcb.acks.peerMss, full);
  if (mss <= 0) return 0;
  const scale = 1 << tcb.rcvWindScale;
  let free = freeSpace(tcb);
  if (free < full / 2) {
    tcb.acks.quick = 0;
    free = roundDown(free, scale);
    if (free < full >> 4 || free < mss) return 0;
  }
  free = Math.min(free, tcb.rcvWindowLimit);
  if (tcb.rcvWindScale > 0) return roundUp(free, scale);
  if (tcb.rcvWnd <= free - mss || tcb.rcvWnd > free) return roundDown(free, mss);
  return mss === full && free > tcb.rcvWnd + (full >> 1) ? free : tcb.rcvWnd;
}

/** Chooses the window of a segment about to leave, notes it as advertised, and gives the 16 bits for the header. */
export function advertiseWindow(tcb: Tcb): number {
  const { counters } = tcb.host;
  const before = tcb.rcvWnd;
  const current = tcb.receiveWindow;
  let window = offeredWindow(tcb);
  if (window < current) {
    // RFC 9293 §3.8.6.2.1: never take back what was offered.
    if (window === 0) counters.add('TCPWantZeroWindowAdv');
    window = roundUp(current, 1 << tcb.rcvWindScale);
  }
  const field = Math.min(window >>> tcb.rcvWindScale, 65_535);
  tcb.rcvWnd = Math.min(window, 65_535 << tcb.rcvWindScale);
  tcb.rcvWup = tcb.rcvNxt;
  if (field === 0 && before > 0) counters.add('TCPToZeroWindowAdv');
  if (field > 0 && before === 0) counters.add('TCPFromZeroWindowAdv');
  return field;
}

/** Octets that arrived since we last told the peer. */
export const unacknowledged = (tcb: Tcb): number => seqDistance(tcb.rcvWup, tcb.rcvNxt);
