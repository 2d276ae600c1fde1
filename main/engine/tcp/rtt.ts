import { type SeqNum, seq, seqAfter } from '../../wire/seq.ts';
import { ms, type Nanos, seconds } from '../../wire/units.ts';
import { type Jiffies, jiffies, nanosSince } from '../jiffies.ts';

export const INITIAL_RTO: Nanos = seconds(1); // RFC 6298 §2.1
export const MIN_RTO: Nanos = ms(200); // Linux TCP_RTO_MIN; RFC 6298 §2.4 would have 1 s
export const MAX_RTO: Nanos = seconds(120);

const MINIMUM_LIFE = seconds(300); // net.ipv4.tcp_min_rtt_wlen

/** A microsecond, in which round trips are kept as on Linux. */
const MICROSECOND = 1000;
const MIN_VARIANCE = MIN_RTO / MICROSECOND;
/** The minimum before the first sample. */
const NEVER = 0x7fff_ffff;

const inMicroseconds = (measured: Nanos): number => Math.max(1, Math.floor(measured / MICROSECOND));

/**
 * The smoothed round trip and the timeout made of it (RFC 6298 §2) in whole numbers, as Linux keeps them: microseconds,
 * the average eightfold and the deviation fourfold, so that their fractions are not lost. Two departures are Linux's, too:
 * the minimum of 200 ms bounds the variance term and not the sum, and the variance falls at most once per round trip, by
 * a quarter.
 */
export class RoundTrip {
  private srtt8 = 0;
  private deviation4 = 0;
  private peakDeviation4 = MIN_VARIANCE;
  private variance = 0;
  /** A sequence number, signed. */
  private roundEnds = 0;
  private shortest = NEVER;
  private shortestAt: Jiffies = 0;

  /** 0 before the first sample. */
  get srtt(): Nanos {
    return ((this.srtt8 / 8) * MICROSECOND) as Nanos;
  }

  get rttvar(): Nanos {
    return (this.variance * MICROSECOND) as Nanos;
  }

  /** Before doubling. */
  get rto(): Nanos {
    if (this.srtt8 === 0) return INITIAL_RTO;
    return Math.min(MAX_RTO, ((this.srtt8 >> 3) + this.variance) * MICROSECOND) as Nanos;
  }

  /** The shortest round trip of the last minutes; RACK measures reordering by it. Infinite before the first. */
  get minimum(): number {
    return this.shortest === NEVER ? Number.POSITIVE_INFINITY : this.shortest * MICROSECOND;
  }

  /** Linux keeps the three best samples of 300 s; one, forgotten after that time, serves as well here. */
  noteMinimum(measured: Nanos, now: Nanos): void {
    const rtt = inMicroseconds(measured);
    if (rtt > this.shortest && nanosSince(this.shortestAt, now) < MINIMUM_LIFE) return;
    this.shortest = rtt;
    this.shortestAt = jiffies(now);
  }

  /** Takes one measured round trip; Karn's rule is the caller's duty. `sndUna`, `sndNxt` tell where the round ends. */
  sample(measured: Nanos, sndUna: SeqNum, sndNxt: SeqNum): void {
    const rtt = inMicroseconds(measured);
    if (this.srtt8 === 0) {
      this.srtt8 = 8 * rtt;
      this.deviation4 = 2 * rtt;
      this.variance = Math.max(this.deviation4, MIN_VARIANCE);
      this.peakDeviation4 = this.variance;
      this.roundEnds = sndNxt | 0;
      return;
    }
    this.smooth(rtt);
    if (seqAfter(sndUna, seq(this.roundEnds))) this.endRound(sndNxt);
  }

  private smooth(rtt: number): void {
    const error = rtt - (this.srtt8 >> 3);
    this.srtt8 = Math.max(1, this.srtt8 + error);
    // A shorter round trip than expected must not make the timeout longer: it counts an eighth (Linux tcp_rtt_estimator).
    const surprise = Math.abs(error) - (this.deviation4 >> 2);
    this.deviation4 += error < 0 && surprise > 0 ? surprise >> 3 : surprise;
    this.peakDeviation4 = Math.max(this.peakDeviation4, this.deviation4);
    this.variance = Math.max(this.variance, this.peakDeviation4);
  }

  private endRound(sndNxt: SeqNum): void {
    if (this.peakDeviation4 < this.variance) this.variance -= (this.variance - this.peakDeviation4) >> 2;
    this.roundEnds = sndNxt | 0;
    this.peakDeviation4 = MIN_VARIANCE;
  }
}

/** RFC 6298 §5.5: the timeout doubles with each expiry. */
export const backedOff = (rto: Nanos, times: number): Nanos => Math.min(MAX_RTO, rto * (1 << Math.min(times, 30))) as Nanos;
