import { queueCwr } from '../ecn.ts';
import type { Tcb } from '../tcb.ts';
import { enterPhase } from './phase.ts';
import { NO_THRESHOLD } from './window.ts';

/** Begins to reduce the window to what congestion control says (RFC 6937 §3, initialization). */
export function beginReduction(tcb: Tcb): void {
  const { congestion: window } = tcb;
  window.recover = tcb.sndNxt;
  tcb.tailProbe = undefined;
  window.credit = 0;
  window.priorCwnd = window.cwnd;
  window.prrDelivered = 0;
  window.prrOut = 0;
  window.ssthresh = window.control.threshold(tcb);
  queueCwr(tcb);
}

/**
 * Proportional rate reduction (RFC 6937 §3): what may be sent follows what is delivered, in the ratio of the new window
 * to the old, instead of silence for half a round trip and a burst after it. Below the threshold it grows back with the
 * slow start bound, one more than delivered, as long as the ACK tells of no new loss (as RFC 9937 has it, too).
 */
export function reduce(tcb: Tcb, delivered: number, lost: number, advanced: boolean): void {
  const { congestion: window } = tcb;
  if (delivered <= 0 || window.priorCwnd === 0) return;
  const flying = tcb.sendQueue.sent.inFlight;
  const room = window.ssthresh - flying;
  window.prrDelivered += delivered;
  let more: number;
  if (room < 0) more = Math.ceil((window.ssthresh * window.prrDelivered) / window.priorCwnd) - window.prrOut;
  else more = Math.min(room, Math.max(window.prrDelivered - window.prrOut, delivered) + (advanced && lost === 0 ? 1 : 0));
  // The first retransmission goes out in any case.
  window.cwnd = flying + Math.max(more, window.prrOut === 0 ? 1 : 0);
}

/** The reduction is complete, unless it was taken back meanwhile. */
export function endReduction({ congestion: window }: Tcb): void {
  if (window.ssthresh < NO_THRESHOLD && (window.phase === 'cwr' || window.undoMarker !== undefined)) window.cwnd = window.ssthresh;
}

/** A sign of congestion without a loss: an ECN echo, a loss that a probe repaired (Linux tcp_enter_cwr). */
export function enterCwr(tcb: Tcb): void {
  const { congestion: window } = tcb;
  window.priorSsthresh = 0;
  if (window.phase !== 'open' && window.phase !== 'disorder') return;
  window.undoMarker = undefined;
  beginReduction(tcb);
  enterPhase(tcb, 'cwr');
}
