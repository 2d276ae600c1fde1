import type { Segment } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqBefore, seqDistance } from '../../wire/seq.ts';
import type { Nanos } from '../../wire/units.ts';
import { optionOf, timestampNow } from './options.ts';
import { spaceFor } from './receive-window.ts';
import type { Tcb } from './tcb.ts';
import { copiedSeq } from './urgent.ts';

/**
 * Dynamic right-sizing (Linux tcp_rcv_space_adjust): the receive buffer follows what the user reads in a round trip, so
 * that the window never is what limits a sender whose reader keeps up. SO_RCVBUF turns it off for good.
 */
export interface ReceiveRate {
  /** The round trip as the receiver sees it; 0 before the first measurement. */
  roundTrip: Nanos;
  /** A window's worth of octets arriving takes one round trip: where and when the one being timed began. */
  windowEnd: SeqNum | undefined;
  windowSince: Nanos;
  /** Octets read in the best round trip so far. */
  octets: number;
  /** Where and when the round trip being counted began. */
  from: SeqNum;
  since: Nanos;
}

const INITIAL_SEGMENTS = 10;

const begin = (tcb: Tcb): ReceiveRate => ({
  roundTrip: 0 as Nanos,
  windowEnd: undefined,
  windowSince: tcb.host.clock.now,
  octets: Math.min(tcb.rcvWnd, INITIAL_SEGMENTS * tcb.advertisedMss),
  from: copiedSeq(tcb),
  since: tcb.host.clock.now,
});

/** Data came: with timestamps each segment tells a round trip, without them each full window does. */
export function measureReceiveRate(tcb: Tcb, segment: Segment): void {
  const { now } = tcb.host.clock;
  tcb.receiveRate ??= begin(tcb);
  const rate = tcb.receiveRate;
  const stamps = tcb.hasTimestamps ? optionOf(segment, 'timestamps') : undefined;
  if (stamps) {
    const ticks = (timestampNow(tcb) - stamps.echo) | 0;
    if (stamps.echo !== 0 && ticks >= 0) note(rate, (Math.max(1, ticks) * 1e6) as Nanos, false);
    return;
  }
  if (rate.windowEnd !== undefined && seqBefore(tcb.rcvNxt, rate.windowEnd)) return;
  if (rate.windowEnd !== undefined) note(rate, Math.max(1, now - rate.windowSince) as Nanos, true);
  rate.windowEnd = seqAdd(tcb.rcvNxt, tcb.rcvWnd);
  rate.windowSince = now;
}

/** A window may have waited for its sender, so there only a shorter round trip counts; one that was stamped is smoothed. */
function note(rate: ReceiveRate, sample: Nanos, isUpperBound: boolean): void {
  if (rate.roundTrip === 0) rate.roundTrip = sample;
  else if (isUpperBound) rate.roundTrip = Math.min(rate.roundTrip, sample) as Nanos;
  else rate.roundTrip = (rate.roundTrip + (sample - rate.roundTrip) / 8) as Nanos;
}

/** The user has read: once a round trip, see whether that was more than ever. */
export function adjustReceiveBuffer(tcb: Tcb): void {
  const rate = tcb.receiveRate;
  const { clock, sysctls } = tcb.host;
  if (!rate || rate.roundTrip === 0 || clock.now - rate.since < rate.roundTrip) return;
  const at = copiedSeq(tcb);
  const copied = seqDistance(rate.from, at);
  if (copied > rate.octets) {
    if (sysctls.now['net.ipv4.tcp_moderate_rcvbuf'] !== 0 && !tcb.settings.receiveBufferLocked) grow(tcb, copied, rate.octets);
    rate.octets = copied;
  }
  rate.from = at;
  rate.since = clock.now;
}

/** Twice what was read, so that a loss does not empty the pipe, and more while the sender still speeds up. */
function grow(tcb: Tcb, copied: number, before: number): void {
  const steady = 2 * copied + 16 * tcb.advertisedMss;
  const window = steady + 2 * Math.floor((steady * (copied - before)) / before);
  const wanted = Math.min(spaceFor(tcb, window), tcb.host.sysctls.now['net.ipv4.tcp_rmem'][2]!);
  tcb.receiveBuffer = Math.max(tcb.receiveBuffer, wanted);
}
