import type { Nanos } from '../../wire/units.ts';
import { giveUp } from './finish.ts';
import { enterLoss } from './recovery.ts';
import { backedOff, MAX_RTO, MIN_RTO } from './rtt.ts';
import type { Tcb } from './tcb.ts';
import { isOpening, rearmRetransmit } from './transmission-timer.ts';
import { put } from './transmit.ts';
import { isBeyondUserTimeout } from './user-timeout.ts';

/** The oldest segment was not acknowledged in time (RFC 6298 §5.4 - §5.6). */
export function onRetransmitTimeout(tcb: Tcb): void {
  const { head } = tcb.sendQueue.sent;
  if (!head) return;
  if (outOfPatience(tcb)) {
    giveUp(tcb);
    return;
  }
  const { counters } = tcb.host;
  counters.add('TCPTimeouts');
  if (tcb.timeouts === 0) tcb.stalledSince = head.sentAt;
  if (isOpening(tcb)) counters.add('TCPSynRetrans');
  else {
    if (tcb.timeouts === 0) countFailure(tcb);
    enterLoss(tcb);
  }
  tcb.timeouts++;
  tcb.backoff++;
  put(tcb, head, 'retransmission');
  rearmRetransmit(tcb, 'now');
}

/** What the timeout put an end to, counted with the first of a series. */
function countFailure({ congestion: { phase }, sendQueue, hasSack, host: { counters } }: Tcb): void {
  if (phase === 'recovery') counters.add(hasSack ? 'TCPSackRecoveryFail' : 'TCPRenoRecoveryFail');
  else if (phase === 'loss') counters.add('TCPLossFailures');
  else if (phase === 'disorder' || sendQueue.sent.sackedOut > 0) counters.add(hasSack ? 'TCPSackFailures' : 'TCPRenoFailures');
}

function outOfPatience(tcb: Tcb): boolean {
  const { sysctls, clock } = tcb.host;
  if (tcb.timeouts > 0 && isBeyondUserTimeout(tcb, tcb.stalledSince!)) return true;
  if (isOpening(tcb)) {
    const linear = sysctls.get('net.ipv4.tcp_syn_linear_timeouts');
    const limit = (tcb.settings.synRetries ?? sysctls.get('net.ipv4.tcp_syn_retries')) + (tcb.state === 'SYN-SENT' ? linear : 0);
    return tcb.timeouts >= limit;
  }
  if (tcb.timeouts === 0) return false;
  return clock.now - tcb.stalledSince! >= patience(retries(tcb));
}

function retries(tcb: Tcb): number {
  const { sysctls } = tcb.host;
  if (!tcb.orphan) return sysctls.get('net.ipv4.tcp_retries2');
  const own = sysctls.get('net.ipv4.tcp_orphan_retries');
  return own === 0 && backedOff(tcb.roundTrip.rto, tcb.backoff) < MAX_RTO ? 8 : own;
}

/** How long `count` retransmissions take with the smallest RTO: tcp_retries2 counts time, not segments (924.6 s with 15). */
function patience(count: number): Nanos {
  const doublings = Math.floor(Math.log2(MAX_RTO / MIN_RTO));
  if (count <= doublings) return ((2 ** (count + 1) - 1) * MIN_RTO) as Nanos;
  return ((2 ** (doublings + 1) - 1) * MIN_RTO + (count - doublings) * MAX_RTO) as Nanos;
}
