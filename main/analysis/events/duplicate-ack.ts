import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';
import { repeats } from './probes.ts';

/** A bare ACK that repeats the last one, window and all (RFC 5681 §2). */
export function duplicateAck(s: Sighting): number {
  if (s.view.window === 0 || !repeats(s)) return 0;
  s.sender.duplicateAcks = Math.max(s.sender.duplicateAcks, 0) + 1;
  return MARK['duplicate-ack'];
}
