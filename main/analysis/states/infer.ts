import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqAfter, seqBefore, seqDistance } from '../../wire/seq.ts';
import { State } from '../change-log.ts';
import { Life } from '../connection-store.ts';
import { Known } from '../flow.ts';
import type { Sighting } from '../sighting.ts';
import type { Claims } from './claims.ts';
import { halfClose, onClosingAck, onFin } from './closing.ts';
import { onHandshakeAck, onSyn, onSynAck } from './opening.ts';
import { onReset, outlivesReset } from './reset.ts';

/** The largest window there can be (RFC 7323 §2.3): an ACK farther beyond is not from this connection. */
const LARGEST_WINDOW = 2 ** 30;
const CONTROL = Flag.SYN | Flag.ACK | Flag.RST | Flag.FIN;

/**
 * What a segment shows of both endpoints. Its numbers prove what its sender had received when it was sent; what it brings
 * its receiver is taken to arrive, unless a later segment shows that it did not. Gives the marks of the events it is.
 */
export function inferStates(s: Sighting, claims: Claims): number {
  const { view, connection, sender, receiver } = s;
  const flags = view.flags;
  if ((flags & CONTROL) !== Flag.SYN || receiver.packets > 0) connection.set(Life.ANSWERED);
  if ((flags & Flag.RST) !== 0) return onReset(s, claims);
  let marks = 0;
  if ((flags & (Flag.SYN | Flag.ACK)) === Flag.SYN) return onSyn(s, claims);
  if ((flags & Flag.ACK) === 0) return 0; // RFC 9293 §3.10.7.4: without ACK it is dropped
  const syn = (flags & Flag.SYN) !== 0;
  if (!syn) outlivesReset(s, claims);
  noteAck(s);
  if (syn) onSynAck(s, claims);
  marks |= onHandshakeAck(s, claims);
  onClosingAck(s, claims);
  if (!syn) sender.set(Known.SPOKE);
  if (view.payloadLength > 0) noteData(s);
  marks |= halfClose(s);
  if ((flags & Flag.FIN) !== 0) marks |= onFin(s, claims);
  return marks;
}

/** Keeps the highest acknowledgement, and whether it covers something that was not captured and may have been a FIN. */
function noteAck({ packet, view, sender, receiver }: Sighting): void {
  const known = receiver.has(Known.NEXT);
  if (known && seqDistance(receiver.nextSeq, view.ack) > LARGEST_WINDOW) return;
  if (!sender.has(Known.ACKED) || seqAfter(view.ack, sender.acked)) {
    sender.acked = view.ack;
    sender.ackPacket = packet;
    sender.set(Known.ACKED);
    if (known && seqAfter(view.ack, receiver.nextSeq)) receiver.set(Known.MAYBE_FIN);
  }
}

/** Who sends data has not sent a FIN. When both do, a connection found running is surely established. */
function noteData({ view, sender, receiver }: Sighting): void {
  const end = seqAdd(view.seq, view.payloadLength);
  if (sender.has(Known.MAYBE_FIN) && !(receiver.has(Known.ACKED) && seqBefore(end, receiver.acked))) sender.clear(Known.MAYBE_FIN);
  if (sender.has(Known.NEXT) && !seqAfter(end, sender.nextSeq)) return;
  sender.set(Known.DATA);
  if (!receiver.has(Known.DATA) || sender.state !== State.ESTABLISHED || receiver.state !== State.ESTABLISHED) return;
  if (receiver.has(Known.MAYBE_FIN)) return;
  sender.clear(Known.ASSUMED);
  receiver.clear(Known.ASSUMED);
}
