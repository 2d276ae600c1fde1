import type { Segment } from '../../wire/segment.ts';
import { Flag } from '../../wire/segment.ts';
import { ms } from '../../wire/units.ts';
import type { CounterName } from '../counters.ts';
import { sendAck } from './output.ts';
import type { Tcb } from './tcb.ts';

/** True when an answer now would come too soon after the last (tcp_invalid_ratelimit): two confused ends must not storm. */
function tooSoon(tcb: Tcb, skipped: CounterName): boolean {
  const { clock, sysctls, counters } = tcb.host;
  const last = tcb.lastOutOfWindowAckAt;
  if (last !== undefined && clock.now - last < ms(sysctls.now['net.ipv4.tcp_invalid_ratelimit'])) {
    counters.add(skipped);
    return true;
  }
  tcb.lastOutOfWindowAckAt = clock.now;
  return false;
}

/** "Was that really you?": a blind attacker does not see the answer, the true peer replies to it (RFC 5961 §3.2, §4.2, §5.2). */
export function sendChallengeAck(tcb: Tcb): void {
  if (tooSoon(tcb, 'TCPACKSkippedChallenge')) return;
  tcb.host.counters.add('TCPChallengeACK');
  sendAck(tcb, 'challenge-ack');
}

/** The ACK for a segment outside the window. Data is always answered: its sender waits for an ACK that was lost. */
export function ackOutOfWindow(tcb: Tcb, segment: Segment): void {
  const isData = segment.payload.length > 0 && (segment.flags & Flag.SYN) === 0;
  if (isData || !tooSoon(tcb, 'TCPACKSkippedSeq')) sendAck(tcb);
}
