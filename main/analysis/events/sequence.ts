import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqAfter } from '../../wire/seq.ts';
import { UNTIMED } from '../connection-store.ts';
import { type Flow, Known, SCALE_NONE, SCALE_UNKNOWN } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';
import { duplicateAck } from './duplicate-ack.ts';
import { ackLostSegment, lostSegment } from './lost.ts';
import { addsNothing, keepAlive, keepAliveAck, zeroWindowProbe, zeroWindowProbeAck } from './probes.ts';
import { retransmission } from './retransmission.ts';
import { windowFull, windowUpdate, zeroWindow } from './windows.ts';

/** RFC 7323 §2.3: a larger shift counts as 14. */
const LARGEST_SCALE = 14;

/**
 * Wireshark's sequence analysis: the marks of a segment, judged by what its connection showed before, and that memory
 * brought up to date. `marks` are those it has already.
 */
export function judgeSequence(s: Sighting, marks: number): number {
  const { view } = s;
  let found = marks | zeroWindowProbe(s);
  const probes = (found & MARK['zero-window-probe']) !== 0;
  if (!probes) {
    found |= zeroWindow(s) | lostSegment(s) | keepAlive(s);
    if (view.payloadLength > 0) found |= windowFull(s);
    else if (addsNothing(s)) found |= windowUpdate(s) | keepAliveAck(s) | zeroWindowProbeAck(s) | duplicateAck(s);
  }
  countSameAck(s, found);
  found |= ackLostSegment(s);
  found |= retransmission(s, found);
  remember(s, probes);
  return found;
}

/** Counts duplicate ACKs that say the same, and remembers the first that said it. */
function countSameAck({ packet, view, sender }: Sighting, marks: number): void {
  if (sender.packets === 0 || view.ack !== sender.lastAck) {
    sender.duplicateAcks = 0;
    sender.sameAckPacket = packet;
    sender.sameAcks = 0;
  } else if ((marks & MARK['duplicate-ack']) !== 0) sender.sameAcks++;
}

function remember(s: Sighting, probes: boolean): void {
  const { view, sender } = s;
  if (!probes) advance(s); // a zero-window probe moves nothing
  sender.window = view.window;
  sender.lastAck = view.ack;
  if (view.windowScale >= 0) sender.scale = Math.min(view.windowScale, LARGEST_SCALE);
  if ((view.flags & Flag.SYN) !== 0) rememberSyn(s);
  else if (sender.has(Known.UNSCALED) && (view.flags & Flag.ACK) !== 0) sender.clear(Known.UNSCALED);
  if (s.connection.initialRtt === UNTIMED) timeHandshake(s);
}

function rememberSyn(s: Sighting): void {
  const { view, sender } = s;
  const isSynAck = (view.flags & Flag.ACK) !== 0;
  sender.set(Known.UNSCALED);
  if (!isSynAck) timeSyn(s);
  agreeOnScale(sender, s.receiver, isSynAck);
}

/** From the SYN to the first ACK without SYN. */
function timeHandshake({ view, connection, time }: Sighting): void {
  if ((view.flags & (Flag.SYN | Flag.ACK)) === Flag.ACK && connection.synTime !== UNTIMED)
    connection.initialRtt = time - connection.synTime;
}

function timeSyn({ connection, time }: Sighting): void {
  if (connection.synTime !== UNTIMED) connection.synInterval = time - connection.synTime;
  connection.synTime = time;
}

/** Moves the sender's highest and its contiguous sequence number. */
function advance({ packet, view, sender }: Sighting): void {
  const next = seqAdd(view.seq, view.payloadLength + ((view.flags & (Flag.SYN | Flag.FIN)) !== 0 ? 1 : 0));
  const known = sender.has(Known.NEXT);
  if (!known && (view.flags & Flag.RST) !== 0 && view.seq === 0) return; // the refusal of a SYN says nothing of its numbering
  if (!known || seqAfter(next, sender.nextSeq)) {
    sender.nextSeq = next;
    sender.nextSeqPacket = packet;
  }
  if (!known || view.seq === sender.contiguous) sender.contiguous = sender.nextSeq;
  if (!known) sender.set(Known.NEXT);
}

/** Windows are scaled only where both SYNs said so (RFC 7323 §2.2). */
function agreeOnScale(sender: Flow, receiver: Flow, isSynAck: boolean): void {
  if (sender.scale === SCALE_UNKNOWN) sender.scale = receiver.scale = SCALE_NONE;
  else if (isSynAck && receiver.scale === SCALE_NONE) sender.scale = SCALE_NONE;
}
