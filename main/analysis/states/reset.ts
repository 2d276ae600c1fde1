import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqDistance } from '../../wire/seq.ts';
import { isTransition, On, State } from '../change-log.ts';
import { UNTIMED } from '../connection-store.ts';
import { type Flow, Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';
import { noteAck } from './acknowledgment.ts';
import { TIME_WAIT_NANOSECONDS } from './by-time.ts';
import type { Claims } from './claims.ts';
import { takeFin, takeWaitingAck } from './closing.ts';
import { acknowledgesSyn, missedHandshakeAck, standsAfterAll } from './opening.ts';

/** A RST ends its sender's part, and its receiver's when the receiver may believe it (RFC 9293 §3.10.7, RFC 5961 §3). */
export function onReset(s: Sighting, claims: Claims): number {
  const { view, sender, receiver } = s;
  const first = !sender.has(Known.RST);
  sender.set(Known.RST);
  const own = isExact(s) || (receiver.has(Known.ACKED) && view.seq === receiver.acked);
  const nobody = sender.state === State.UNKNOWN || sender.state === State.CLOSED;
  const refused = receiver.state === State['SYN-SENT'] && (nobody || !own) && answersSyn(s);
  // A port without a listener answers with number 0; any other may come from a connection of which nothing else was captured.
  if (refused && sender.state === State.UNKNOWN) claims.start(sender, State.CLOSED, view.seq !== 0);
  if (own && (view.flags & Flag.ACK) !== 0) {
    // Who says so much still has its connection: a RST of the peer's crossed this one. So much had it heard when it gave up;
    // its receiver hears the RST alone (RFC 9293 §3.10.7.4, second check).
    if (sender.state === State.CLOSED && claims.lastTrigger(sender) === On.rst) claims.retract(sender);
    noteAck(s);
    missedHandshakeAck(s, claims);
    standsAfterAll(s, claims);
    takeFin(s, claims);
    takeWaitingAck(s, claims, true);
  }
  if (own || refused) receiverEnds(s, claims, false);
  else if (isInWindow(s)) receiverEnds(s, claims, true);
  if (own) {
    if ((view.flags & Flag.ACK) === 0) foundNobody(s, claims);
    else mayHaveCrossed(s, claims);
  }
  if (own || refused) senderEnds(s, claims);
  if (refused) return MARK.refused;
  return first ? MARK.reset : 0;
}

/** In SYN-SENT a RST counts when it acknowledges our SYN (RFC 9293 §3.10.7.3). */
const answersSyn = ({ view, receiver }: Sighting): boolean => (view.flags & Flag.ACK) !== 0 && acknowledgesSyn(receiver, view.ack);

/** It has the number its sender would use next. */
const isExact = ({ view, sender }: Sighting): boolean => sender.has(Known.SENT) && view.seq === sender.sent;

/** Within the window, though not exact: believed by RFC 793, answered by a challenge ACK since RFC 5961 §3.2. */
function isInWindow({ view, receiver }: Sighting): boolean {
  if (!receiver.has(Known.ACKED) || receiver.window < 0) return false;
  const into = seqDistance(receiver.acked, view.seq);
  return into >= 0 && into < receiver.window * 2 ** Math.max(receiver.scale, 0);
}

/** Where a RST leaves an endpoint: what a listener had begun is forgotten, and it listens on. */
const afterReset = (flow: Flow): number => (flow.state === State['SYN-RECEIVED'] && !flow.has(Known.ACTIVE) ? State.LISTEN : State.CLOSED);

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
      // It may have gone on, where more of it was acknowledged than was captured.
      if (!doubtful) claims.change(receiver, On.rst, afterReset(receiver), packet, packet, receiver.has(Known.MAYBE_FIN));
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
 * A RST without ACK answers a segment that fits no connection (RFC 9293 §3.5.2): what its sender got last found nobody. That
 * was the ACK of its FIN, where the peer has said nothing since, or where it would be in TIME-WAIT and send no RST; and the ACK of its SYN, where it has said nothing itself
 * since its SYN,ACK.
 */
function foundNobody({ time, sender, receiver }: Sighting, claims: Claims): void {
  const trigger = claims.lastTrigger(sender);
  const isWaiting = sender.state === State['TIME-WAIT'] && time - claims.timeOf(sender.clockPacket) < TIME_WAIT_NANOSECONDS;
  if (trigger === On['ack-of-fin']) {
    const last = claims.lastPacket(sender);
    // With data it found an end whose program was gone (RFC 2525 §2.17), and its ACK counted before the data did harm.
    if ((receiver.lastPacket === last && !claims.hasData(last)) || isWaiting) claims.retract(sender);
  }
  if (trigger === On['ack-of-syn'] && !sender.has(Known.SPOKE)) claims.retract(sender);
}

/**
 * An ACK that moved the sender of a RST less than a round trip before: the two may have crossed, and the ACK have come to an
 * end that was gone. Twice the first round trip is allowed for.
 */
function mayHaveCrossed({ time, connection, sender }: Sighting, claims: Claims): void {
  const trigger = claims.lastTrigger(sender);
  if ((trigger !== On['ack-of-fin'] && trigger !== On['ack-of-syn']) || sender.state === State.CLOSED) return;
  if (connection.initialRtt === UNTIMED || time - claims.timeOf(claims.lastPacket(sender)) <= 2 * connection.initialRtt)
    claims.doubt(sender);
}

/**
 * The very sender of a RST goes on speaking: the RST was not its own, and the receiver's claim falls with it. A receiver that
 * speaks did not believe a RST that was doubtful.
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

/**
 * A segment of an endpoint that a RST closed: the two crossed, and the segment left before the RST came. What it shows took
 * place before, so the end is taken back while `judge` looks at the segment, and comes after it again.
 */
export function beforeReset(s: Sighting, claims: Claims, judge: (s: Sighting, claims: Claims) => number): number {
  const { sender, packet, view } = s;
  const isReset = sender.state === State.CLOSED || (sender.state === State.LISTEN && (view.flags & Flag.SYN) === 0);
  if (!isReset || claims.lastTrigger(sender) !== On.rst) return judge(s, claims);
  const reset = claims.lastPacket(sender);
  claims.retract(sender);
  const end = claims.hold();
  const before = sender.lastChange;
  const marks = judge(s, claims);
  if (sender.lastChange === before) {
    claims.restore(sender, end);
    return marks;
  }
  claims.free(end);
  if (isTransition(sender.state, On.rst, afterReset(sender))) claims.change(sender, On.rst, afterReset(sender), reset, packet);
  return marks;
}
