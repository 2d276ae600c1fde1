import { Flag } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import { Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import type { Sighting } from '../sighting.ts';

const CONTROL = Flag.SYN | Flag.FIN | Flag.RST;

/** One new octet sent into a closed window (RFC 9293 §3.8.6.1). */
export function zeroWindowProbe({ view, sender, receiver }: Sighting): number {
  return view.payloadLength === 1 && receiver.window === 0 && sender.has(Known.NEXT) && view.seq === sender.nextSeq
    ? MARK['zero-window-probe']
    : 0;
}

/** At most one octet, and one before the next that is new: it can only ask for an ACK (RFC 9293 §3.8.4). */
export function keepAlive({ view, sender }: Sighting): number {
  return view.payloadLength <= 1 && sender.has(Known.NEXT) && seqAdd(view.seq, 1) === sender.nextSeq && (view.flags & CONTROL) === 0
    ? MARK['keep-alive']
    : 0;
}

// Of segments that add nothing, those without a change of the window say again what this side said last.

/** Says it again after the peer's keep-alive. */
export const keepAliveAck = (s: Sighting): number =>
  s.view.window !== 0 && s.view.window === s.sender.window && (lastMarks(s) & MARK['keep-alive']) !== 0 ? MARK['keep-alive-ack'] : 0;

/** The same after a zero-window probe, the window still being closed. */
export const zeroWindowProbeAck = (s: Sighting): number =>
  s.view.window === 0 && s.sender.window === 0 && (lastMarks(s) & MARK['zero-window-probe']) !== 0 ? MARK['zero-window-probe-ack'] : 0;

/** Marks of what the peer sent last. */
const lastMarks = ({ columns, receiver }: Sighting): number => (receiver.lastPacket < 0 ? 0 : columns.marks(receiver.lastPacket));

/** A bare segment with the same sequence and acknowledgement number as the one before. */
export function addsNothing({ view, sender }: Sighting): boolean {
  return (
    view.payloadLength === 0 &&
    view.ack === sender.lastAck &&
    view.seq === sender.nextSeq &&
    (view.flags & CONTROL) === 0 &&
    sender.has(Known.NEXT)
  );
}
