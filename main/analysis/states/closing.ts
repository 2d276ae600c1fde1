import { seqAdd, seqAfter } from '../../wire/seq.ts';
import { On, State } from '../change-log.ts';
import { Life, UNTIMED } from '../connection-store.ts';
import { type Flow, Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';
import type { Claims } from './claims.ts';

/** What may have been a FIN was not captured: from here on, who closed is a guess. */
const inDoubt = ({ sender, receiver }: Sighting): boolean => sender.has(Known.MAYBE_FIN) || receiver.has(Known.MAYBE_FIN);

/** An ACK shows that its sender has the peer's FIN, and brings the peer the ACK of its own (RFC 9293 §3.10.7.4). */
export function onClosingAck(s: Sighting, claims: Claims): void {
  takeFin(s, claims);
  takeWaitingAck(s, claims, false);
  takeAckOfFin(s, claims);
}

/** The ACK's sender took the FIN when the last copy of it arrived. */
export function takeFin(s: Sighting, claims: Claims): void {
  const { packet, sender, receiver } = s;
  if (!receiver.has(Known.FIN) || !sender.hasAcked(receiver.finEnd)) return;
  const fin = receiver.finPacket;
  switch (sender.state) {
    case State.ESTABLISHED:
      claims.change(sender, On.fin, State['CLOSE-WAIT'], fin, packet, inDoubt(s));
      return;
    case State['FIN-WAIT-2']:
      claims.change(sender, On.fin, State['TIME-WAIT'], fin, packet, inDoubt(s));
      sender.clockPacket = fin;
      return;
    case State['FIN-WAIT-1']:
      takeFinWhileClosing(s, claims, fin);
  }
}

/** An ACK of our FIN that waited to be judged arrived before the peer's FIN, or after it. */
function takeFinWhileClosing(s: Sighting, claims: Claims, fin: number): void {
  const { packet, sender, receiver } = s;
  const rides = receiver.hasAcked(sender.finEnd) && receiver.ackPacket <= fin; // its ACK is judged first
  const acked = rides ? fin : sender.finAckPacket;
  sender.finAckPacket = -1;
  if (acked >= 0 && acked <= fin) {
    claims.change(sender, On['ack-of-fin'], State['FIN-WAIT-2'], acked, packet, inDoubt(s));
    claims.change(sender, On.fin, State['TIME-WAIT'], fin, packet);
    sender.clockPacket = fin;
    return;
  }
  claims.change(sender, On.fin, State.CLOSING, fin, packet, inDoubt(s));
  if (acked < 0) return;
  claims.change(sender, On['ack-of-fin'], State['TIME-WAIT'], acked, packet);
  sender.clockPacket = acked;
}

/**
 * An endpoint speaks, still without the peer's FIN. The ACK of its own that waited to be judged came first, if it has come:
 * it has when that was two round trips ago, and at the end, with a RST, there is nothing left to wait for.
 */
export function takeWaitingAck(s: Sighting, claims: Claims, atEnd: boolean): void {
  const { packet, time, connection, sender, receiver } = s;
  const waiting = sender.finAckPacket;
  if (waiting < 0 || sender.state !== State['FIN-WAIT-1'] || sender.hasAcked(receiver.finEnd)) return;
  const { initialRtt } = connection;
  if (!atEnd && (initialRtt === UNTIMED || time - claims.timeOf(waiting) <= 2 * initialRtt)) return;
  sender.finAckPacket = -1;
  claims.change(sender, On['ack-of-fin'], State['FIN-WAIT-2'], waiting, packet, inDoubt(s));
}

/** The ACK's receiver learns that its FIN arrived. */
function takeAckOfFin(s: Sighting, claims: Claims): void {
  const { packet, sender, receiver } = s;
  if (!receiver.has(Known.FIN) || !sender.hasAcked(receiver.finEnd)) return;
  switch (receiver.state) {
    case State['FIN-WAIT-1']:
      // The peer's own FIN went ahead of this ACK and most likely arrived first. The receiver's next ACK will tell.
      if (sender.has(Known.FIN) && sender.finPacket < packet && !receiver.hasAcked(sender.finEnd)) {
        if (receiver.finAckPacket < 0) receiver.finAckPacket = packet;
      } else claims.change(receiver, On['ack-of-fin'], State['FIN-WAIT-2'], packet, packet, inDoubt(s));
      return;
    case State.CLOSING:
      claims.change(receiver, On['ack-of-fin'], State['TIME-WAIT'], packet, packet);
      receiver.clockPacket = packet;
      return;
    case State['LAST-ACK']:
      claims.change(receiver, On['ack-of-fin'], State.CLOSED, packet, packet);
  }
}

/** A FIN leaves its sender in FIN-WAIT-1, or in LAST-ACK when it had taken the peer's (RFC 9293 §3.10.4). */
export function onFin(s: Sighting, claims: Claims): number {
  const { packet, view, sender, receiver } = s;
  const end = seqAdd(view.seq, view.payloadLength + 1);
  if (sender.has(Known.FIN)) {
    if (end === sender.finEnd) onFinAgain(s, claims);
    return 0;
  }
  if (sender.has(Known.SENT) && seqAfter(sender.sent, end)) return 0; // it has sent beyond: not a FIN of its own
  if (!sends(sender, claims, packet, inDoubt(s))) return 0;
  sender.set(Known.FIN);
  sender.finEnd = end;
  sender.finPacket = packet;
  return receiver.has(Known.FIN) && !sender.hasAcked(receiver.finEnd) ? MARK['simultaneous-close'] : 0;
}

function sends(sender: Flow, claims: Claims, packet: number, assumed: boolean): boolean {
  switch (sender.state) {
    case State['SYN-RECEIVED']:
    case State.ESTABLISHED:
      claims.change(sender, On.close, State['FIN-WAIT-1'], packet, packet, assumed);
      return true;
    case State['CLOSE-WAIT']:
      claims.change(sender, On.close, State['LAST-ACK'], packet, packet, assumed);
      return true;
    default:
      return false;
  }
}

/** Sent again: an ACK of it that we saw before did not arrive. The peer in TIME-WAIT starts 2MSL anew (RFC 9293 §3.10.7.4). */
function onFinAgain({ packet, sender, receiver }: Sighting, claims: Claims): void {
  if (receiver.state === State['TIME-WAIT']) receiver.clockPacket = packet;
  if (!receiver.hasAcked(sender.finEnd)) {
    sender.finPacket = packet;
    return;
  }
  if (claims.lastTrigger(sender) === On['ack-of-fin']) claims.retract(sender);
}

/** Data from before its FIN, sent again, says as much as the FIN itself: the ACK of both did not arrive. A keep-alive says nothing. */
export function onDataAgain({ view, sender }: Sighting, claims: Claims): void {
  if (view.payloadLength === 0 || !sender.has(Known.FIN) || claims.lastTrigger(sender) !== On['ack-of-fin']) return;
  if (seqAfter(sender.finEnd, seqAdd(view.seq, view.payloadLength))) claims.retract(sender);
}

/** Data from an endpoint that has taken the peer's FIN: one direction is closed, the other is used (RFC 9293 §3.6). */
export function halfClose({ view, connection, sender }: Sighting): number {
  if (view.payloadLength === 0 || sender.state !== State['CLOSE-WAIT'] || connection.has(Life.HALF_CLOSE)) return 0;
  connection.set(Life.HALF_CLOSE);
  return MARK['half-close'];
}
