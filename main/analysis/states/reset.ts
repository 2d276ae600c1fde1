import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqDistance } from '../../wire/seq.ts';
import { On, State } from '../change-log.ts';
import { Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';
import type { Claims } from './claims.ts';
import { acknowledgesSyn } from './opening.ts';

/** A RST ends its sender's part, and its receiver's when the receiver may believe it (RFC 9293 §3.10.7, RFC 5961 §3). */
export function onReset(s: Sighting, claims: Claims): number {
  const { view, sender, receiver } = s;
  const first = !sender.has(Known.RST);
  sender.set(Known.RST);
  const nobody = sender.state === State.UNKNOWN || sender.state === State.CLOSED;
  const refused = receiver.state === State['SYN-SENT'] && nobody && answersSyn(s);
  if (refused && sender.state === State.UNKNOWN) claims.start(sender, State.CLOSED, false);
  const own = isExact(s) || (receiver.has(Known.ACKED) && view.seq === receiver.acked);
  if (own || refused) receiverEnds(s, claims, false);
  else if (isInWindow(s)) receiverEnds(s, claims, true);
  if (own) senderEnds(s, claims);
  if (refused) return MARK.refused;
  return first ? MARK.reset : 0;
}

/** In SYN-SENT a RST counts when it acknowledges our SYN (RFC 9293 §3.10.7.3). */
const answersSyn = ({ view, receiver }: Sighting): boolean => (view.flags & Flag.ACK) !== 0 && acknowledgesSyn(receiver, view.ack);

/** It has the number its sender would use next. */
const isExact = ({ view, sender }: Sighting): boolean => sender.has(Known.NEXT) && view.seq === sender.nextSeq;

/** Within the window, though not exact: believed by RFC 793, answered by a challenge ACK since RFC 5961 §3.2. */
function isInWindow({ view, receiver }: Sighting): boolean {
  if (!receiver.has(Known.ACKED) || receiver.window < 0) return false;
  const into = seqDistance(receiver.acked, view.seq);
  return into >= 0 && into < receiver.window * 2 ** Math.max(receiver.scale, 0);
}

function receiverEnds(s: Sighting, claims: Claims, doubtful: boolean): void {
  const { packet, receiver } = s;
  switch (receiver.state) {
    case State.UNKNOWN:
    case State.CLOSED:
    case State.LISTEN:
      return;
    case State['SYN-SENT']:
      if (answersSyn(s)) claims.change(receiver, On.rst, State.CLOSED, packet, packet);
      return;
    case State['SYN-RECEIVED']:
      if (doubtful) return;
      claims.change(receiver, On.rst, receiver.has(Known.ACTIVE) ? State.CLOSED : State.LISTEN, packet, packet);
      return;
    default:
      claims.change(receiver, On.rst, State.CLOSED, packet, packet, doubtful);
      if (doubtful) receiver.set(Known.DOUBTFUL_RESET);
  }
}

function senderEnds({ packet, view, sender }: Sighting, claims: Claims): void {
  switch (sender.state) {
    case State.UNKNOWN:
    case State.CLOSED:
    case State.LISTEN:
    case State['TIME-WAIT']:
      return;
    case State['SYN-SENT']:
      // Any other number answers an ACK that SYN-SENT cannot accept, and the endpoint goes on waiting (RFC 9293 §3.10.7.3).
      if (view.seq === seqAdd(sender.base, 1)) claims.change(sender, On.abort, State.CLOSED, packet, packet);
      return;
    default:
      claims.change(sender, On.abort, State.CLOSED, packet, packet);
  }
}

/**
 * An endpoint that goes on speaking was not reset. When the very sender of a RST does, the RST was not its own, and the
 * receiver's claim falls with it.
 */
export function outlivesReset({ sender, receiver }: Sighting, claims: Claims): void {
  if (sender.state !== State.CLOSED) return;
  const trigger = claims.lastTrigger(sender);
  if (trigger === On.rst && sender.has(Known.DOUBTFUL_RESET)) {
    sender.clear(Known.DOUBTFUL_RESET);
    claims.retract(sender);
  } else if (trigger === On.abort) {
    const reset = claims.lastPacket(sender);
    claims.retract(sender);
    sender.set(Known.ASSUMED);
    if (claims.lastTrigger(receiver) === On.rst && claims.lastPacket(receiver) === reset) claims.retract(receiver);
  }
}
