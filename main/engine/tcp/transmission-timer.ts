import type { Nanos } from '../../wire/units.ts';
import { backedOff } from './rtt.ts';
import { scheduleProbe } from './tail-loss-probe.ts';
import type { Tcb } from './tcb.ts';
import { withinUserTimeout } from './user-timeout.ts';

/** Something watches over segments under way: the timeout, the tail loss probe before it, or RACK's reordering timer. */
const isWatched = ({ timers: { pending } }: Tcb): boolean => pending !== undefined && pending !== 'persist';

/** Our SYN is not acknowledged yet. */
export const isOpening = (tcb: Tcb): boolean => tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';

/** The timeout in force, doubled for each expiry (RFC 6298 §5.5). */
function timeout(tcb: Tcb): Nanos {
  // The first tcp_syn_linear_timeouts waits for an answer to a SYN are equal; then each doubles, as always with data.
  const linear = isOpening(tcb) ? tcb.host.sysctls.now['net.ipv4.tcp_syn_linear_timeouts'] : 0;
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
  if (tcb.sendQueue.sent.length === 0) stopTimer(tcb);
  else tcb.timers.set('retransmit', from === 'now' ? timeout(tcb) : (Math.max(untilTimeout(tcb), 1000) as Nanos));
}

function stopTimer({ timers }: Tcb): void {
  if (timers.pending !== undefined) timers.cancel(timers.pending);
}

/** A segment left: something has to watch over it. */
export function watch(tcb: Tcb): void {
  if (!isWatched(tcb)) rearmRetransmit(tcb, 'now');
}

/** New data left: a probe watches over it where that is allowed, else the retransmission timer. */
export function watchNewData(tcb: Tcb): void {
  if (tcb.timers.isSet('reordering')) return;
  if (!scheduleProbe(tcb, untilTimeout(tcb))) watch(tcb);
}

/** Something was acknowledged: the wait begins anew (RFC 6298 §5.3, Linux tcp_set_xmit_timer). */
export function restartTimer(tcb: Tcb): void {
  const { pending } = tcb.timers;
  // What the probe or the reordering timer waited counts for the timeout it stands before.
  const from = pending === 'loss-probe' || pending === 'reordering' ? 'head' : 'now';
  if (!scheduleProbe(tcb, timeout(tcb))) rearmRetransmit(tcb, from);
}
