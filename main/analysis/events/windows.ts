import { Flag } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import { Known, SCALE_UNKNOWN } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';

const CONTROL = Flag.SYN | Flag.FIN | Flag.RST;

/** The receiver of this side's data can take no more. */
export const zeroWindow = ({ view }: Sighting): number => (view.window === 0 && (view.flags & CONTROL) === 0 ? MARK['zero-window'] : 0);

/** A bare segment that repeats everything but the window. */
export function windowUpdate({ view, sender }: Sighting): number {
  return view.payloadLength === 0 &&
    view.window !== 0 &&
    view.window !== sender.window &&
    sender.has(Known.NEXT) &&
    view.seq === sender.nextSeq &&
    view.ack === sender.lastAck &&
    (view.flags & CONTROL) === 0
    ? MARK['window-update']
    : 0;
}

/** Data that ends exactly at the edge of the window the peer offered last; only where its scale is known. */
export function windowFull({ view, receiver }: Sighting): number {
  if (view.payloadLength === 0 || (view.flags & CONTROL) !== 0 || receiver.scale === SCALE_UNKNOWN || receiver.window < 0) return 0;
  const shift = receiver.has(Known.UNSCALED) || receiver.scale < 0 ? 0 : receiver.scale;
  const edge = seqAdd(receiver.lastAck, receiver.window * 2 ** shift);
  return seqAdd(view.seq, view.payloadLength) === edge ? MARK['window-full'] : 0;
}
