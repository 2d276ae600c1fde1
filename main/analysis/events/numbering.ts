import { Flag } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import { Known } from '../flow.ts';
import type { Sighting } from '../sighting.ts';

/**
 * Where relative numbers start: at the SYN, or, where it was not captured, one before the first octet known of, so that
 * the first octet is number 1 either way.
 */
export function numberFrom({ view, sender, receiver }: Sighting): void {
  if (!sender.has(Known.BASE)) {
    sender.base = (view.flags & Flag.SYN) !== 0 ? view.seq : seqAdd(view.seq, -1);
    sender.set(Known.BASE);
  }
  if (!receiver.has(Known.BASE) && (view.flags & Flag.ACK) !== 0) {
    receiver.base = seqAdd(view.ack, -1);
    receiver.set(Known.BASE);
  }
}
