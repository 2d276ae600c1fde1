import { type SeqNum, seqAfter } from '../../../wire/seq.ts';
import { ms, type Nanos } from '../../../wire/units.ts';
import type { Tcb } from '../tcb.ts';

/** Below this window slow start is left alone. */
const LOW_WINDOW = 16;
/** ACKs this close to each other form one train. */
const TRAIN_GAP = ms(2);
/** Samples of a round before its delay is believed. */
const SAMPLES = 8;
const LEAST_RISE = ms(4);
const MOST_RISE = ms(16);

/**
 * HyStart as in Linux's CUBIC (Ha and Rhee, 2008; RFC 9406 is its successor): slow start ends before it overflows the
 * queue, either when a train of ACKs is half a round trip long, or when the round trip itself has become longer.
 */
export class HyStart {
  /** The shortest round trip of the connection; 0 before the first. */
  minimum = 0 as Nanos;
  private found = false;
  private roundBegan = 0 as Nanos;
  private roundEnds: SeqNum | undefined;
  private lastAck = 0 as Nanos;
  private shortest: number = Number.POSITIVE_INFINITY;
  private samples = 0;

  /** Slow start begins anew. */
  reset(tcb: Tcb): void {
    this.minimum = 0 as Nanos;
    this.found = false;
    this.beginRound(tcb);
  }

  measured(tcb: Tcb, roundTrip: Nanos): void {
    if (this.minimum === 0 || roundTrip < this.minimum) this.minimum = Math.max(1, roundTrip) as Nanos;
    if (this.found || !tcb.congestion.inSlowStart) return;
    if (this.roundEnds === undefined || seqAfter(tcb.sndUna, this.roundEnds)) this.beginRound(tcb);
    if (tcb.congestion.cwnd < LOW_WINDOW) return;
    const { counters } = tcb.host;
    if (this.trainIsLong(tcb)) {
      counters.add('TCPHystartTrainDetect');
      counters.add('TCPHystartTrainCwnd', tcb.congestion.cwnd);
      this.leaveSlowStart(tcb);
    } else if (this.delayRose(roundTrip)) {
      counters.add('TCPHystartDelayDetect');
      counters.add('TCPHystartDelayCwnd', tcb.congestion.cwnd);
      this.leaveSlowStart(tcb);
    }
  }

  private beginRound(tcb: Tcb): void {
    this.roundBegan = tcb.host.clock.now;
    this.lastAck = this.roundBegan;
    this.roundEnds = tcb.sndNxt;
    this.shortest = Number.POSITIVE_INFINITY;
    this.samples = 0;
  }

  private trainIsLong(tcb: Tcb): boolean {
    const { now } = tcb.host.clock;
    if (now - this.lastAck > TRAIN_GAP) return false;
    this.lastAck = now;
    return now - this.roundBegan > this.minimum / 2;
  }

  private delayRose(roundTrip: Nanos): boolean {
    this.shortest = Math.min(this.shortest, roundTrip);
    if (this.samples < SAMPLES) {
      this.samples++;
      return false;
    }
    const rise = Math.min(MOST_RISE, Math.max(LEAST_RISE, this.minimum / 8));
    return this.shortest > this.minimum + rise;
  }

  private leaveSlowStart({ congestion }: Tcb): void {
    this.found = true;
    congestion.ssthresh = congestion.cwnd;
  }
}
