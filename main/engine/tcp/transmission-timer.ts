import type { Nanos } from '../../wire/units.ts';
import { backedOff } from './rtt.ts';
import { scheduleProbe } from './tail-loss-probe.ts';
import type { Tcb } from './tcb.ts';
import { withinUserTimeout } from './user-timeout.ts';

/**
 * What watches over segments under way. One of three timers runs at a time (as on Linux, icsk_pending): the retransmission
 * timer (RFC 6298 §5), the tail loss probe before it, or the reordering timer of RACK.
 */
export type TransmissionTimer = 'retransmit' | 'loss-probe' | 'reordering';

export function setTransmissionTimer(tcb: Tcb, kind: TransmissionTimer, delay: Nanos): void {
  const { timers } = tcb;
  if (kind !== 'retransmit') timers.cancel('retransmit');
  if (kind !== 'loss-probe') timers.cancel('loss-probe');
  if (kind !== 'reordering') timers.cancel('reordering');
  timers.cancel('persist');
  timers.set(kind, delay);
}

export function cancelTransmissionTimer({ timers }: Tcb): void {
  timers.cancel('retransmit');
  timers.cancel('loss-probe');
  timers.cancel('reordering');
}

export const isWatched = ({ timers }: Tcb): boolean =>
  timers.isSet('retransmit') || timers.isSet('loss-probe') || timers.isSet('reordering');

/** Our SYN is not acknowledged yet. */
export const isOpening = (tcb: Tcb): boolean => tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';

/** The timeout in force, doubled for each expiry (RFC 6298 §5.5). */
function timeout(tcb: Tcb): Nanos {
  // The first tcp_syn_linear_timeouts waits for an answer to a SYN are equal; then each doubles, as always with data.
  const linear = isOpening(tcb) ? tcb.host.sysctls.get('net.ipv4.tcp_syn_linear_timeouts') : 0;
  const delay = backedOff(tcb.roundTrip.rto, Math.max(0, tcb.backoff - linear));
  return withinUserTimeout(tcb, delay, tcb.timeouts > 0 ? tcb.stalledSince : undefined);
}

/** How long until the head has been out for a whole timeout. */
function untilTimeout(tcb: Tcb): number {
  const { head } = tcb.sendQueue.sent;
  return head ? head.sentAt + timeout(tcb) - tcb.host.clock.now : 0;
}

/** Starts the retransmission timer, from now or from when the head was last sent (RFC 6298 §5.1, §5.3); stops it when all is acknowledged (§5.2). */
export function rearmRetransmit(tcb: Tcb, from: 'now' | 'head'): void {
  if (tcb.sendQueue.sent.length === 0) cancelTransmissionTimer(tcb);
  else setTransmissionTimer(tcb, 'retransmit', from === 'now' ? timeout(tcb) : (Math.max(untilTimeout(tcb), 1000) as Nanos));
}

/** New data left: the timer watches over it if none did, with a probe before it where that is allowed. */
export function watchNewData(tcb: Tcb): void {
  if (!isWatched(tcb)) rearmRetransmit(tcb, 'now');
  if (tcb.timers.isSet('reordering')) return;
  scheduleProbe(tcb, untilTimeout(tcb));
}

/** Something was acknowledged: the wait begins anew (RFC 6298 §5.3, Linux tcp_set_xmit_timer). */
export function restartTimer(tcb: Tcb): void {
  if (!scheduleProbe(tcb, timeout(tcb))) rearmRetransmit(tcb, isProbing(tcb) ? 'head' : 'now');
}

const isProbing = ({ timers }: Tcb): boolean => timers.isSet('loss-probe') || timers.isSet('reordering');
