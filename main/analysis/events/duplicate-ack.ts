import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';
import { keepAliveAck } from './probes.ts';

/**
 * A segment that adds nothing and repeats the last one's window too (RFC 5681 §2), unless a keep-alive asked for it, or it is there
 * for an option of Multipath TCP (RFC 8684 §4).
 */
export function duplicateAck(s: Sighting): number {
  const { view, sender } = s;
  if (view.mptcpSignal || view.window === 0 || view.window !== sender.window || keepAliveAck(s) !== 0) return 0;
  sender.duplicateAcks = Math.max(sender.duplicateAcks, 0) + 1;
  return MARK['duplicate-ack'];
}
