import { Flag } from '../../wire/segment.ts';
import { seqAfter } from '../../wire/seq.ts';
import { Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';

/** It starts beyond all that this side has sent: what lies between was lost, or overtaken, or not captured. */
export function lostSegment({ view, sender }: Sighting): number {
  return sender.has(Known.NEXT) && seqAfter(view.seq, sender.nextSeq) && (view.flags & Flag.RST) === 0 ? MARK['lost-segment'] : 0;
}

/**
 * It acknowledges what the capture never held: a hole in what was captured, or more than all of it. The latter is said
 * once, until the other side moves on.
 */
export function ackLostSegment({ view, receiver }: Sighting): number {
  if ((view.flags & Flag.ACK) === 0 || !receiver.has(Known.NEXT) || !seqAfter(view.ack, receiver.contiguous)) return 0;
  if (seqAfter(receiver.nextSeq, receiver.contiguous)) {
    receiver.contiguous = receiver.nextSeq;
    return MARK['ack-lost-segment'];
  }
  const first = receiver.duplicateAcks === 0;
  receiver.duplicateAcks = -1;
  return first ? MARK['ack-lost-segment'] : 0;
}
