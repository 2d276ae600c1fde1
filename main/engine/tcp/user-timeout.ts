import { ms, type Nanos } from '../../wire/units.ts';
import type { Tcb } from './tcb.ts';

/** TCP_USER_TIMEOUT (RFC 9293 §3.9.1, RFC 5482): data has waited for its acknowledgment longer than the user wants. */
export function isBeyondUserTimeout(tcb: Tcb, since: Nanos): boolean {
  const { userTimeout } = tcb.settings;
  return userTimeout > 0 && tcb.host.clock.now - since >= ms(userTimeout);
}

/** A timeout must not overshoot it (Linux tcp_clamp_rto_to_user_timeout, tcp_clamp_probe0_to_user_timeout). */
export function withinUserTimeout(tcb: Tcb, delay: Nanos, since: Nanos | undefined): Nanos {
  const { userTimeout } = tcb.settings;
  if (userTimeout === 0 || since === undefined) return delay;
  const left = since + ms(userTimeout) - tcb.host.clock.now;
  return Math.min(delay, Math.max(left, ms(1))) as Nanos;
}
