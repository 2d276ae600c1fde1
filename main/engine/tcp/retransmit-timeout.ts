import type { Nanos } from '../../wire/units.ts';
import { suspectBlackHole } from './fast-open-black-hole.ts';
import { giveUp } from './finish.ts';
import { enterLoss } from './recovery.ts';
import { backedOff, INITIAL_RTO, MAX_RTO, MIN_RTO } from './rtt.ts';
import type { Tcb } from './tcb.ts';
import { isOpening, rearmRetransmit } from './transmission-timer.ts';
import { put } from './transmit.ts';
import { isBeyondUserTimeout } from './user-timeout.ts';

/** The oldest segment was not acknowledged in time (RFC 6298 §5.4 - §5.6). */
export function onRetransmitTimeout(tcb: Tcb): void {
  const { head } = tcb.sendQueue.sent;
  if (!head) return;
  const givesUp = outOfPatience(tcb);
  suspectBlackHole(tcb, givesUp);
  if (givesUp) {
    giveUp(tcb);
    return;
  }
  const { counters } = tcb.host;
  counters.add('TCPTimeouts');
  // Patience with data is measured from its first retransmission, with a SYN from the SYN itself (Linux retrans_stamp).
  if (tcb.timeouts === 0) tcb.stalledSince = isOpening(tcb) ? head.sentAt : tcb.host.clock.now;
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
  if (tcb.timeouts === 0) return isOpening(tcb) && synRetries(tcb) === 0;
  if (isBeyondUserTimeout(tcb, tcb.stalledSince!)) return true;
  const waited = tcb.host.clock.now - tcb.stalledSince!;
  // The first wait was over when that began.
  if (!isOpening(tcb)) return waited >= patience(retries(tcb), MIN_RTO) - MIN_RTO;
  const linear = tcb.state === 'SYN-SENT' ? tcb.host.sysctls.now['net.ipv4.tcp_syn_linear_timeouts'] : 0;
  // So many SYNs, and no longer than that many would take if each wait doubled.
  return tcb.timeouts >= synRetries(tcb) + linear || waited >= patience(synRetries(tcb), INITIAL_RTO);
}

/** TCP_SYNCNT */
const synRetries = ({ settings, host }: Tcb): number => settings.synRetries ?? host.sysctls.now['net.ipv4.tcp_syn_retries'];

function retries(tcb: Tcb): number {
  const { sysctls } = tcb.host;
  if (!tcb.orphan) return sysctls.now['net.ipv4.tcp_retries2'];
  const own = sysctls.now['net.ipv4.tcp_orphan_retries'];
  return own === 0 && backedOff(tcb.roundTrip.rto, tcb.backoff) < MAX_RTO ? 8 : own;
}

/** How long `count` retransmissions take, the first after `first`: tcp_retries2 counts time, not segments (924.6 s with 15; Linux tcp_model_timeout). */
function patience(count: number, first: Nanos): Nanos {
  const doublings = Math.floor(Math.log2(MAX_RTO / first));
  if (count <= doublings) return ((2 ** (count + 1) - 1) * first) as Nanos;
  return ((2 ** (doublings + 1) - 1) * first + (count - doublings) * MAX_RTO) as Nanos;
}
