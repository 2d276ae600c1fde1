import { Flag } from '../../wire/segment.ts';
import { seqAdd, seqAfter, seqBefore } from '../../wire/seq.ts';
import { UNTIMED } from '../connection-store.ts';
import { Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';

/** A fast retransmission follows the duplicate ACKs within this time. */
const FAST_NANOSECONDS = 20e6;
/** How late a segment may be and still count as overtaken, where no round trip was measured. */
const REORDERING_NANOSECONDS = 3e6;

/**
 * What occupies sequence space but does not advance it was sent again or was overtaken. In this order: already
 * acknowledged (spurious), asked for by duplicate ACKs (fast), too soon to be sent again (out of order), or else an
 * ordinary retransmission. Spurious and fast ones are retransmissions too. A keep-alive is none of them.
 */
export function retransmission(s: Sighting, marks: number): number {
  const { view, sender, receiver } = s;
  const synOrFin = (view.flags & (Flag.SYN | Flag.FIN)) !== 0;
  if ((view.payloadLength === 0 && !synOrFin) || (marks & MARK['keep-alive']) !== 0) return 0;
  const end = seqAdd(view.seq, view.payloadLength);

  if (view.payloadLength > 0 && receiver.lastAck !== 0 && !seqAfter(end, receiver.lastAck))
    return MARK.retransmission | MARK['spurious-retransmission'];
  if (!sender.has(Known.NEXT) || !seqBefore(view.seq, sender.nextSeq)) return 0;
  // What followed a zero-window probe takes its octet along; that is no retransmission.
  if (view.payloadLength > 1 && seqAdd(view.seq, 1) === sender.nextSeq) return 0;

  if (receiver.duplicateAcks >= 2 && receiver.lastAck === view.seq && sinceCapture(s, receiver.lastPacket) < FAST_NANOSECONDS)
    return MARK.retransmission | MARK['fast-retransmission'];

  const patience = s.connection.initialRtt === UNTIMED ? REORDERING_NANOSECONDS : s.connection.initialRtt;
  if (sinceCapture(s, sender.nextSeqPacket) < patience && sender.nextSeq !== seqAdd(end, synOrFin ? 1 : 0)) return MARK['out-of-order'];
  return MARK.retransmission;
}

/** Nanoseconds since a packet was captured. */
const sinceCapture = ({ time, columns, clock }: Sighting, packet: number): number => time - columns.time(packet, clock);
