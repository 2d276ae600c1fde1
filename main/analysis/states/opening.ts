import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter } from '../../wire/seq.ts';
import { On, State } from '../change-log.ts';
import { Life } from '../connection-store.ts';
import { type Flow, Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';
import type { Claims } from './claims.ts';

/** `ack` acknowledges the SYN of `flow`, and nothing it has not sent. */
export const acknowledgesSyn = (flow: Flow, ack: SeqNum): boolean =>
  flow.has(Known.SYN) && seqAfter(ack, flow.base) && !seqAfter(ack, flow.sent);

/** A SYN without ACK leaves SYN-SENT behind it (RFC 9293 §3.10.1). Sent again, it changes nothing. */
export function onSyn({ packet, sender, receiver }: Sighting, claims: Claims): number {
  const first = !sender.has(Known.SYN);
  sender.set(Known.SYN | Known.ACTIVE);
  if (sender.synPacket < 0 || !receiver.hasAcked(seqAdd(sender.base, 1))) sender.synPacket = packet;
  // Some stacks take a refusal for an accident and try again.
  if (sender.state === State.CLOSED && claims.lastTrigger(sender) === On.rst) claims.retract(sender);
  if (sender.state !== State.UNKNOWN) return 0;
  claims.start(sender, State.CLOSED, false);
  claims.change(sender, On['active-open'], State['SYN-SENT'], packet, packet);
  return first && receiver.state === State['SYN-SENT'] && receiver.has(Known.SYN) ? MARK['simultaneous-open'] : 0;
}

/**
 * A SYN,ACK shows that the SYN it acknowledges has arrived: a listener took it (RFC 9293 §3.10.7.2), or an endpoint that
 * had sent its own (§3.10.7.3).
 */
export function onSynAck({ packet, view, sender, receiver }: Sighting, claims: Claims): void {
  sender.set(Known.SYN);
  if (sender.synAckPacket < 0 || !receiver.hasAcked(seqAdd(sender.base, 1))) sender.synAckPacket = packet;
  if (!receiver.has(Known.SYN)) {
    if (receiver.state === State.UNKNOWN && sender.state === State.UNKNOWN) {
      claims.start(receiver, State['SYN-SENT'], true);
      claims.start(sender, State['SYN-RECEIVED'], true);
    } else if (sender.state === State['SYN-SENT']) {
      // Both opened at once, and the capture missed the other SYN.
      if (receiver.state === State.UNKNOWN) claims.start(receiver, State['SYN-SENT'], true);
      takeSyn(sender, receiver, packet, claims);
    }
    return;
  }
  if (!acknowledgesSyn(receiver, view.ack)) return;
  switch (sender.state) {
    case State.UNKNOWN:
      claims.start(sender, State.LISTEN, false);
      takeSyn(sender, receiver, packet, claims);
      return;
    case State.LISTEN:
      // Without a new SYN it speaks of the old one: the RST had not come, and the connection waits on.
      if (claims.lastTrigger(sender) === On.rst && receiver.synPacket < claims.lastPacket(sender)) claims.retract(sender);
      else takeSyn(sender, receiver, packet, claims);
      return;
    case State['SYN-SENT']:
      takeSyn(sender, receiver, packet, claims);
      // The peer's ACK of our SYN may have been captured before this, though it cannot have arrived before.
      if (receiver.hasAcked(seqAdd(sender.base, 1))) claims.change(sender, On['ack-of-syn'], State.ESTABLISHED, receiver.ackPacket, packet);
      return;
    case State.ESTABLISHED:
      // Sent again: the ACK we took for the end of the handshake was lost, or the accept queue was full and it was dropped.
      if (!sender.has(Known.SPOKE) && claims.lastTrigger(sender) === On['ack-of-syn']) claims.retract(sender);
  }
}

/** `flow`'s endpoint took the SYN of `peer`. A peer of which only a SYN,ACK was captured had sent a SYN before, or so we assume. */
function takeSyn(flow: Flow, peer: Flow, evidence: number, claims: Claims): void {
  const seen = peer.synPacket >= 0;
  const syn = seen ? peer.synPacket : peer.synAckPacket >= 0 ? peer.synAckPacket : evidence;
  claims.change(flow, On.syn, State['SYN-RECEIVED'], syn, evidence, !seen);
}

/** An ACK in an ordinary segment: what it shows of its sender's handshake, and what it does to its receiver's. */
export function onHandshakeAck(s: Sighting, claims: Claims): number {
  const { packet, view, connection, sender, receiver } = s;
  if (sender.state === State['SYN-SENT'] && (view.flags & Flag.SYN) === 0) synAckArrived(s, claims);
  if (sender.state === State.UNKNOWN || receiver.state === State.UNKNOWN) alreadyRunning(s, claims);
  if (receiver.state !== State['SYN-RECEIVED'] || !acknowledgesSyn(receiver, view.ack)) return 0;
  claims.change(receiver, On['ack-of-syn'], State.ESTABLISHED, packet, packet);
  if (connection.has(Life.HANDSHAKE) || sender.state !== State.ESTABLISHED) return 0;
  connection.set(Life.HANDSHAKE);
  return MARK.handshake;
}

/**
 * Who sends data, or acknowledges some, is past its handshake, and so is a server that closes: a listener's connection belongs to nobody before. So a
 * SYN,ACK that was sent again had crossed the ACK that we thought lost.
 */
export function standsAfterAll(s: Sighting, claims: Claims): void {
  const { packet, view, sender, receiver } = s;
  if (sender.state !== State['SYN-RECEIVED']) return;
  if (!receiver.hasAcked(seqAdd(sender.base, 1))) {
    takesMissed(s, claims);
    return;
  }
  const closes = (view.flags & Flag.FIN) !== 0 && !sender.has(Known.ACTIVE);
  const takes = receiver.has(Known.SYN) && seqAfter(view.ack, seqAdd(receiver.base, 1));
  if (view.payloadLength > 0 || closes || takes) claims.change(sender, On['ack-of-syn'], State.ESTABLISHED, receiver.ackPacket, packet);
}

/** It acknowledges what the capture missed, and that came with the ACK of its SYN or after it. */
function takesMissed({ packet, view, sender, receiver }: Sighting, claims: Claims): void {
  if ((view.flags & Flag.SYN) !== 0 || !receiver.has(Known.SENT)) return;
  if (sender.acked !== view.ack || !seqAfter(view.ack, receiver.sent)) return; // a number from nowhere was not noted as acknowledged
  claims.change(sender, On['ack-of-syn'], State.ESTABLISHED, packet, packet, true);
}

/** The sender speaks as one whose SYN was answered. The answer is its evidence; without it in the capture, a guess. */
function synAckArrived({ packet, view, sender, receiver }: Sighting, claims: Claims): void {
  if (receiver.synAckPacket >= 0) {
    if (!acknowledgesSyn(receiver, view.ack)) return;
    claims.change(sender, On['syn-ack'], State.ESTABLISHED, receiver.synAckPacket, packet);
    return;
  }
  if (receiver.has(Known.SYN)) return;
  claims.change(sender, On['syn-ack'], State.ESTABLISHED, packet, packet, true);
  if (receiver.state !== State.UNKNOWN) return;
  claims.start(receiver, State.LISTEN, true);
  takeSyn(receiver, sender, packet, claims);
  claims.change(receiver, On['ack-of-syn'], State.ESTABLISHED, packet, packet);
}

/** A client aborts that had the SYN,ACK, and so had sent an ACK. The capture missed it; most likely it arrived. */
export function missedHandshakeAck(s: Sighting, claims: Claims): void {
  const { packet, view, sender, receiver } = s;
  if (sender.state !== State['SYN-SENT'] || receiver.has(Known.ACTIVE)) return;
  if (receiver.synAckPacket < 0 || !acknowledgesSyn(receiver, view.ack)) return;
  synAckArrived(s, claims);
  if (receiver.state === State['SYN-RECEIVED']) claims.change(receiver, On['ack-of-syn'], State.ESTABLISHED, packet, packet, true);
}

/** An endpoint that shows itself past a handshake nobody captured. */
function alreadyRunning({ packet, view, sender, receiver }: Sighting, claims: Claims): void {
  if ((view.flags & Flag.SYN) !== 0) return;
  if (receiver.state === State['SYN-SENT'] && receiver.has(Known.SYN)) {
    if (!acknowledgesSyn(receiver, view.ack)) return; // a challenge ACK, from a connection of the past (RFC 5961 §4)
    claims.start(sender, State.LISTEN, true);
    takeSyn(sender, receiver, packet, claims);
    claims.change(receiver, On['syn-ack'], State.ESTABLISHED, packet, packet, true);
    claims.change(sender, On['ack-of-syn'], State.ESTABLISHED, packet, packet);
    return;
  }
  if (sender.state === State.UNKNOWN) claims.start(sender, State.ESTABLISHED, true);
  if (receiver.state === State.UNKNOWN) claims.start(receiver, State.ESTABLISHED, true);
}
