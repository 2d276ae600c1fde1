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

/** It says again what this side said last, after the peer's keep-alive. */
export const keepAliveAck = (s: Sighting): number =>
  s.view.window !== 0 && (s.receiver.lastMarks & MARK['keep-alive']) !== 0 && repeats(s) ? MARK['keep-alive-ack'] : 0;

/** The same after a zero-window probe, the window still being closed. */
export const zeroWindowProbeAck = (s: Sighting): number =>
  s.view.window === 0 && (s.receiver.lastMarks & MARK['zero-window-probe']) !== 0 && repeats(s) ? MARK['zero-window-probe-ack'] : 0;

/** A bare segment with the same window, sequence and acknowledgement number as the one before. */
export function repeats({ view, sender }: Sighting): boolean {
  return (
    view.payloadLength === 0 &&
    view.window === sender.window &&
    sender.has(Known.NEXT) &&
    view.seq === sender.nextSeq &&
    view.ack === sender.lastAck &&
    (view.flags & CONTROL) === 0
  );
}
