import { ms, type Nanos } from '../../wire/units.ts';
import { type Rare, rareProperties } from '../rare.ts';
import type { AckNews } from './ack-news.ts';
import { reduce } from './congestion/prr.ts';
import { DUPLICATE_ACKS } from './congestion/window.ts';
import { enterRecovery } from './recovery.ts';
import type { SentSegment } from './scoreboard.ts';
import type { Tcb } from './tcb.ts';
import { rearmRetransmit } from './transmission-timer.ts';
import { transmitLost } from './transmit.ts';

/** Recoveries that a wider reordering window lasts (RFC 8985 §6.2, step 4). */
const PERSIST = 16;
const MOST_STEPS = 255;
/** Added to the reordering timer, for an ACK that comes a little late (Linux TCP_TIMEOUT_MIN). */
const TIMER_SLACK = ms(2);

/** What RACK remembers (RFC 8985 §5.3): the latest transmission known to have arrived. */
export class Rack {
  /** Its place among all transmissions; RFC 8985 §5.2 has the time, and the number where times are equal. */
  order = 0;
  /** Its round trip, in microseconds as on Linux. */
  private micros = 0;
  advanced = false;
  /** How often a packet has been seen to be overtaken. */
  declare reorderings: number;
  /** Segments a packet was seen to be overtaken by (Linux tp->reordering). */
  declare reordering: number;
  /** The window is so many quarters of the shortest round trip wide. */
  declare steps: number;
  declare persist: number;
  declare dsackSeen: boolean;
  /** Delivered segments of the connection, now and when the window was last widened. */
  delivered = 0;
  declare widenedAt: number;
  rare: Rare | undefined;

  constructor(reordering: number) {
    this.reordering = reordering;
  }

  get roundTrip(): Nanos {
    return (this.micros * 1000) as Nanos;
  }
  set roundTrip(measured: Nanos) {
    this.micros = Math.floor(measured / 1000);
  }
}

rareProperties(Rack.prototype, { dsackSeen: false, reorderings: 0, reordering: DUPLICATE_ACKS, steps: 1, persist: 0, widenedAt: 0 });

/** A segment is known to have arrived: is it the latest sent so far (RFC 8985 §6.2, step 2)? */
export function advanceRack({ rack, roundTrip, host }: Tcb, segment: SentSegment): void {
  const rtt = (host.clock.now - segment.sentAt) as Nanos;
  // So soon after the retransmission it must be the original that was acknowledged.
  if (segment.transmissions > 1 && rtt < roundTrip.minimum) return;
  rack.advanced = true;
  rack.roundTrip = rtt;
  rack.order = Math.max(rack.order, segment.order);
}

/** Time to give a packet for being overtaken (RFC 8985 §6.2, step 4). */
function reorderingWindow({ rack, congestion, sendQueue, roundTrip }: Tcb): number {
  if (rack.reorderings === 0) {
    // Never seen: three later arrivals are proof enough, and in recovery any (RFC 8985 §3.3.2).
    if (congestion.phase === 'recovery' || congestion.phase === 'loss') return 0;
    if (sendQueue.sent.sackedOut >= rack.reordering) return 0;
  }
  return Math.min((roundTrip.minimum / 4) * rack.steps, roundTrip.srtt);
}

/** How long until `segment` has to be taken for lost; not positive: now. */
export const lossDueIn = ({ rack, host }: Tcb, segment: SentSegment, window: number): number =>
  rack.roundTrip + window - (host.clock.now - segment.sentAt);

/**
 * RACK (RFC 8985 §6.2, step 5): what was sent before something that has arrived, and by more than the reordering window,
 * is lost, retransmissions as well. Returns how long until the next one may be; 0 when none is in doubt.
 */
export function detectLoss(tcb: Tcb, news?: AckNews): number {
  const { sent } = tcb.sendQueue;
  const { rack, host } = tcb;
  const window = reorderingWindow(tcb);
  let wait = 0;
  for (let segment = sent.earliestSent; segment; ) {
    const { later } = segment;
    if (segment.order >= rack.order) break;
    const remaining = lossDueIn(tcb, segment, window);
    if (remaining > 0) wait = Math.max(wait, remaining);
    else {
      if (sent.lose(segment)) {
        host.counters.add('TCPLostRetransmit');
        if (news) news.resentLost = true;
      }
      if (news) news.lost++;
    }
    segment = later;
  }
  return wait;
}

/** After an ACK. True when the reordering timer now runs instead of the retransmission timer. */
export function rackAfterAck(tcb: Tcb, news: AckNews): boolean {
  if (!tcb.rack.advanced) return false;
  tcb.rack.advanced = false;
  const wait = detectLoss(tcb, news);
  if (wait === 0) return false;
  tcb.timers.set('reordering', (wait + TIMER_SLACK) as Nanos);
  return true;
}

/** The reordering window is over without news of what was overtaken (RFC 8985 §6.3). */
export function onReorderingTimeout(tcb: Tcb): void {
  const { sent } = tcb.sendQueue;
  const before = sent.inFlight;
  detectLoss(tcb);
  if (sent.inFlight !== before) {
    if (tcb.congestion.phase !== 'recovery') {
      enterRecovery(tcb, false);
      reduce(tcb, 1, 0, false);
    }
    transmitLost(tcb);
  }
  if (!tcb.timers.isSet('retransmit')) rearmRetransmit(tcb, 'head');
}

/** RFC 8985 §6.2, step 4: each round trip with a D-SACK widens the window, 16 recoveries without one make it small again. */
export function adaptReorderingWindow({ rack }: Tcb, delivered: number): void {
  if (delivered === 0) return;
  if (rack.delivered < rack.widenedAt) rack.dsackSeen = false;
  if (rack.dsackSeen) {
    rack.steps = Math.min(MOST_STEPS, rack.steps + 1);
    rack.dsackSeen = false;
    rack.widenedAt = rack.delivered;
    rack.persist = PERSIST;
  } else if (rack.persist === 0) rack.steps = 1;
}

/** A recovery ended as it should, or turned out to have been none. */
export const recoveryPassed = ({ rack }: Tcb): void => {
  if (rack.persist > 0) rack.persist--;
};
export const recoveryWasSpurious = ({ rack }: Tcb): void => {
  rack.persist = Math.min(PERSIST, rack.persist + 1);
};
