import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqAfter, seqBefore } from '../../wire/seq.ts';
import { State } from '../change-log.ts';
import { Life } from '../connection-store.ts';
import { Known } from '../flow.ts';
import type { Sighting } from '../sighting.ts';
import { noteAck } from './acknowledgment.ts';
import type { Claims } from './claims.ts';
import { halfClose, onClosingAck, onDataAgain, onFin } from './closing.ts';
import { onHandshakeAck, onSyn, onSynAck, standsAfterAll } from './opening.ts';
import { beforeReset, onReset, outlivesReset } from './reset.ts';

const CONTROL = Flag.SYN | Flag.ACK | Flag.RST | Flag.FIN;

/**
 * What a segment shows of both endpoints. Its numbers prove what its sender had received when it was sent; what it brings
 * its receiver is taken to arrive, unless a later segment shows that it did not. Gives the marks of the events it is.
 */
export function inferStates(s: Sighting, claims: Claims): number {
  const { view, connection, receiver } = s;
  if ((view.flags & CONTROL) !== Flag.SYN || receiver.packets > 0) connection.set(Life.ANSWERED);
  const marks = shown(s, claims);
  noteSent(s);
  return marks;
}

function shown(s: Sighting, claims: Claims): number {
  const { flags } = s.view;
  if ((flags & Flag.RST) !== 0) return onReset(s, claims);
  if ((flags & (Flag.SYN | Flag.ACK)) === Flag.SYN) return onSyn(s, claims);
  if ((flags & Flag.ACK) === 0) return 0; // RFC 9293 §3.10.7.4: without ACK it is dropped
  if ((flags & Flag.SYN) === 0) outlivesReset(s, claims);
  return beforeReset(s, claims, judge);
}

/**
 * What a segment with an ACK shows, in the order in which its receiver judges it. Most segments pass between two
 * endpoints that are neither opening nor closing, so those rules are asked only where one is.
 */
function judge(s: Sighting, claims: Claims): number {
  const { view, sender, receiver } = s;
  const syn = (view.flags & Flag.SYN) !== 0;
  noteHole(s);
  noteAck(s);
  if (syn) onSynAck(s, claims);
  let marks = 0;
  if (sender.state < State.ESTABLISHED || receiver.state < State.ESTABLISHED) {
    marks = onHandshakeAck(s, claims);
    standsAfterAll(s, claims);
  }
  const closing = sender.has(Known.FIN) || receiver.has(Known.FIN);
  if (closing) {
    onDataAgain(s, claims);
    onClosingAck(s, claims);
  }
  if (!syn) sender.set(Known.SPOKE);
  if (view.payloadLength > 0) noteData(s);
  if (closing) marks |= halfClose(s);
  if ((view.flags & Flag.FIN) !== 0) marks |= onFin(s, claims);
  return marks;
}

function noteSent({ view, sender }: Sighting): void {
  if ((view.flags & Flag.RST) !== 0) return; // it takes no number, and may have any
  const next = seqAdd(view.seq, view.payloadLength + ((view.flags & (Flag.SYN | Flag.FIN)) !== 0 ? 1 : 0));
  if (sender.has(Known.SENT) && !seqAfter(next, sender.sent)) return;
  sender.sent = next;
  sender.set(Known.SENT);
}

/** A bare ACK from beyond what was captured of its sender: that may have been a FIN. */
function noteHole({ view, sender }: Sighting): void {
  const bare = view.payloadLength === 0 && (view.flags & CONTROL) === Flag.ACK;
  if (bare && sender.has(Known.SENT) && seqAfter(view.seq, sender.sent)) sender.set(Known.MAYBE_FIN);
}

/** Who sends data has not sent a FIN. When both do, a connection found running is surely established. */
function noteData({ view, sender, receiver }: Sighting): void {
  const end = seqAdd(view.seq, view.payloadLength);
  if (sender.has(Known.MAYBE_FIN) && !(receiver.has(Known.ACKED) && seqBefore(end, receiver.acked))) sender.clear(Known.MAYBE_FIN);
  if (sender.has(Known.SENT) && !seqAfter(end, sender.sent)) return;
  sender.set(Known.DATA);
  if (!receiver.has(Known.DATA) || sender.state !== State.ESTABLISHED || receiver.state !== State.ESTABLISHED) return;
  if (receiver.has(Known.MAYBE_FIN)) return;
  sender.clear(Known.ASSUMED);
  receiver.clear(Known.ASSUMED);
}
