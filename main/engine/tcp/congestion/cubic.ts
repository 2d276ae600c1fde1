import { ms, type Nanos, seconds } from '../../../wire/units.ts';
import type { Tcb } from '../tcb.ts';
import type { CongestionControl } from './control.ts';
import { HyStart } from './hystart.ts';
import { growBy, slowStart } from './slow-start.ts';
import { isWindowLimited } from './usage.ts';
import type { Phase } from './window.ts';

/** What is left of the window after a loss (RFC 9438 §4.6), in Linux's binary fraction: 717/1024, about 0.7. */
export const BETA = 717 / 1024;
/** Aggressiveness, segments per second cubed (RFC 9438 §5.1 says 0.4; Linux counts 41 * 10 / 1024). */
export const C = (41 * 10) / 1024;
/** RFC 9438 §4.3: the additive increase that makes a Reno flow as fast as one with CUBIC's decrease, as Linux rounds it (15/8 for 8 * ...). */
const RENO_SEGMENTS_PER_INCREASE = 15 / 8;
/** Linux reckons time on the curve in 1/1024 s (BICTCP_HZ 10). */
const CURVE_TICKS = 1024;
/** Growth is worked out anew at most this often while the window stays the same. */
const RECALCULATE = (seconds(1) / 32) as Nanos;

/**
 * CUBIC (RFC 9438, as Linux has it): after a loss the window returns along a cubic curve to where the loss was, lingers
 * there, and then looks further, by the clock and not by the round trip. Linux departs from the RFC in stopping slow
 * start by the first HyStart instead of HyStart++.
 */
export class Cubic implements CongestionControl {
  readonly name = 'cubic';
  private readonly hystart = new HyStart();
  /** Where the last loss was; 0 before the first. */
  private lastMax = 0;
  /** When this curve began; undefined between a loss and the first ACK after it. */
  private epoch: Nanos | undefined;
  /** Seconds from the epoch to the plateau (RFC 9438 §4.2, K). */
  private k = 0;
  private plateau = 0;
  /** Delivered segments that bring one segment of growth. */
  private perSegment = 0;
  private lastCwnd = 0;
  private lastAt: Nanos | undefined;
  /** The window a Reno flow would have by now, and what it has not yet made of its ACKs (RFC 9438 §4.3). */
  private renoCwnd = 0;
  private renoCredit = 0;

  threshold({ congestion: { cwnd } }: Tcb): number {
    this.epoch = undefined;
    // Fast convergence (RFC 9438 §4.7): a flow that did not get back to its old maximum leaves room for others.
    this.lastMax = cwnd < this.lastMax ? Math.floor((cwnd * (1 + BETA)) / 2) : cwnd;
    return Math.max(2, Math.floor(cwnd * BETA));
  }

  grow(tcb: Tcb, delivered: number): void {
    const { congestion, host } = tcb;
    if (!isWindowLimited(congestion)) return;
    const left = congestion.inSlowStart ? slowStart(congestion, delivered) : delivered;
    if (left === 0) return;
    this.follow(congestion.cwnd, left, host.clock.now);
    growBy(congestion, this.perSegment, left);
  }

  undo({ congestion }: Tcb): number {
    return Math.max(congestion.cwnd, congestion.priorCwnd);
  }

  measured(tcb: Tcb, roundTrip: Nanos): void {
    const { now } = tcb.host.clock;
    // Right after a recovery the queue it left behind would be measured.
    if (this.epoch !== undefined && now - this.epoch < seconds(1)) return;
    this.hystart.measured(tcb, roundTrip);
  }

  entered(tcb: Tcb, phase: Phase): void {
    if (phase !== 'loss') return;
    this.lastMax = 0;
    this.epoch = undefined;
    this.k = 0;
    this.plateau = 0;
    this.perSegment = 0;
    this.lastCwnd = 0;
    this.lastAt = undefined;
    this.hystart.reset(tcb);
  }

  /**
   * The time the user had nothing to send does not count on the curve (RFC 9438 §5.8). Linux counts it from the last
   * transmission; here it counts from the ACK that emptied the network, so that one ACK for a whole window, usual on
   * a cable without a rate, does not make the clock stand still.
   */
  resumed({ host }: Tcb, pause: Nanos): void {
    if (this.epoch !== undefined) this.epoch = Math.min(host.clock.now, this.epoch + pause) as Nanos;
  }

  /** Finds `perSegment` for this moment (RFC 9438 §4.2 - §4.5, Linux bictcp_update). */
  private follow(cwnd: number, delivered: number, now: Nanos): void {
    this.renoCredit += delivered;
    if (this.lastCwnd === cwnd && this.lastAt !== undefined && now - this.lastAt <= RECALCULATE) return;
    const isSameTick = this.epoch !== undefined && this.lastAt !== undefined && now - this.lastAt < ms(1);
    if (!isSameTick) {
      this.lastCwnd = cwnd;
      this.lastAt = now;
      if (this.epoch === undefined) this.begin(cwnd, delivered, now);
      this.aim(cwnd, now);
    }
    this.keepUpWithReno(cwnd);
    // At most one segment for two delivered: half as much again each round trip.
    this.perSegment = Math.max(this.perSegment, 2);
  }

  private begin(cwnd: number, delivered: number, now: Nanos): void {
    this.epoch = now;
    this.renoCredit = delivered;
    this.renoCwnd = cwnd;
    this.plateau = Math.max(this.lastMax, cwnd);
    // Rounded down, as Linux's whole numbers are: so the curve begins a segment above `cwnd`, and the window grows at once.
    this.k = Math.floor(Math.cbrt((this.plateau - cwnd) / C) * CURVE_TICKS) / CURVE_TICKS;
  }

  /** W_cubic(t + RTT) = C (t + RTT - K)^3 + W_max: how many ACKs bring us there within a round trip. */
  private aim(cwnd: number, now: Nanos): void {
    const t = (now - this.epoch! + this.hystart.minimum) / seconds(1);
    const target = this.plateau + Math.trunc(C * (t - this.k) ** 3);
    this.perSegment = target > cwnd ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
    // Before the first loss nothing is known of the path, so the curve must not stand still.
    if (this.lastMax === 0) this.perSegment = Math.min(this.perSegment, 20);
  }

  /** RFC 9438 §4.3: never slower than a Reno flow would be. */
  private keepUpWithReno(cwnd: number): void {
    const perIncrease = Math.floor(cwnd * RENO_SEGMENTS_PER_INCREASE);
    while (perIncrease > 0 && this.renoCredit > perIncrease) {
      this.renoCredit -= perIncrease;
      this.renoCwnd++;
    }
    if (this.renoCwnd > cwnd) this.perSegment = Math.min(this.perSegment, Math.floor(cwnd / (this.renoCwnd - cwnd)));
  }
}
