import { Flag } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import { Known, SCALE_UNKNOWN } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';

const CONTROL = Flag.SYN | Flag.FIN | Flag.RST;

/** The receiver of this side's data can take no more. */
export const zeroWindow = ({ view }: Sighting): number => (view.window === 0 && (view.flags & CONTROL) === 0 ? MARK['zero-window'] : 0);

/** A segment that adds nothing but another window. */
export const windowUpdate = ({ view, sender }: Sighting): number =>
  view.window !== 0 && view.window !== sender.window ? MARK['window-update'] : 0;

/** Data that ends exactly at the edge of the window the peer offered last; only where its scale is known. */
export function windowFull({ view, receiver }: Sighting): number {
  const { scale, window } = receiver;
  if ((view.flags & CONTROL) !== 0 || scale === SCALE_UNKNOWN || window < 0) return 0;
  const shift = scale < 0 || receiver.has(Known.UNSCALED) ? 0 : scale;
  const edge = seqAdd(receiver.lastAck, window << shift); // at most 30 bits: both 65,535 and a shift of 14
  return seqAdd(view.seq, view.payloadLength) === edge ? MARK['window-full'] : 0;
}
