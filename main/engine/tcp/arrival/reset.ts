import { Flag, type Segment } from '../../../wire/segment.ts';
import { sendChallengeAck } from '../challenge-ack.ts';
import { onReset } from '../finish.ts';
import { backToListen } from '../passive-open.ts';
import type { Tcb } from '../tcb.ts';
import { has, refuse, type Verdict } from './check.ts';

/**
 * Second check (RFC 9293 §3.10.7.4 with RFC 5961 §3.2): a RST counts only exactly where the next octet is expected.
 * Elsewhere in the window it may be forged, so we ask; the true peer answers the challenge with a RST that is exact.
 */
export function checkReset(tcb: Tcb, segment: Segment): Verdict {
  if (!has(segment, Flag.RST)) return 'continue';
  const isExact = segment.seq === tcb.rcvNxt || (tcb.hasSack && segment.seq === tcb.receiveQueue.rightEdge());
  if (!isExact) {
    sendChallengeAck(tcb);
    return refuse(tcb, segment, 'reset-not-exact');
  }
  if (tcb.state === 'SYN-RECEIVED' && tcb.listener && !tcb.fastOpen) backToListen(tcb, 'rst', segment);
  else onReset(tcb, segment);
  return 'done';
}
