import { seqAfter, seqDistance } from '../../wire/seq.ts';
import { Known } from '../flow.ts';
import type { Sighting } from '../sighting.ts';

/** The largest window there can be (RFC 7323 §2.3): an ACK farther beyond is not from this connection. */
const LARGEST_WINDOW = 2 ** 30;

/** Keeps the highest acknowledgement, and whether it covers something that was not captured and may have been a FIN. */
export function noteAck({ packet, view, sender, receiver }: Sighting): void {
  const known = receiver.has(Known.SENT);
  if (known && seqDistance(receiver.sent, view.ack) > LARGEST_WINDOW) return;
  if (!sender.has(Known.ACKED) || seqAfter(view.ack, sender.acked)) {
    sender.acked = view.ack;
    sender.ackPacket = packet;
    sender.set(Known.ACKED);
    if (known && seqAfter(view.ack, receiver.sent)) receiver.set(Known.MAYBE_FIN);
  }
}
