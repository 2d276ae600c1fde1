import { type SeqNum, seqAfter } from '../../wire/seq.ts';
import { ms, type Nanos, seconds } from '../../wire/units.ts';

export const INITIAL_RTO: Nanos = seconds(1); // RFC 6298 §2.1
export const MIN_RTO: Nanos = ms(200); // Linux TCP_RTO_MIN; RFC 6298 §2.4 would have 1 s
export const MAX_RTO: Nanos = seconds(120);

const MINIMUM_LIFE = seconds(300); // net.ipv4.tcp_min_rtt_wlen

/**
 * The smoothed round trip and the timeout made of it (RFC 6298 §2), with Linux's two departures: the minimum of 200 ms
 * bounds the variance term and not the sum, and the variance falls at most once per round trip, by a quarter.
 */
export class RoundTrip {
  /** Nanoseconds; 0 before the first sample. */
  srtt = 0;
  private deviation = 0;
  private peakDeviation: number = MIN_RTO;
  rttvar = 0;
  private roundEnds: SeqNum | undefined;
  /** Before doubling. */
  rto: Nanos = INITIAL_RTO;
  /** The shortest round trip of the last minutes; RACK measures reordering by it. Infinite before the first. */
  minimum: number = Number.POSITIVE_INFINITY;
  private minimumAt = 0 as Nanos;

  /** Linux keeps the three best samples of 300 s; one, forgotten after that time, serves as well here. */
  noteMinimum(measured: Nanos, now: Nanos): void {
    if (measured > this.minimum && now - this.minimumAt < MINIMUM_LIFE) return;
    this.minimum = measured;
    this.minimumAt = now;
  }

  /** Takes one measured round trip; Karn's rule is the caller's duty. `sndUna`, `sndNxt` tell where the round ends. */
  sample(measured: Nanos, sndUna: SeqNum, sndNxt: SeqNum): void {
    const rtt = Math.max(1, measured);
    if (this.srtt === 0) {
      this.srtt = rtt;
      this.deviation = rtt / 2;
      this.rttvar = Math.max(4 * this.deviation, MIN_RTO);
      this.peakDeviation = this.rttvar;
      this.roundEnds = sndNxt;
    } else {
      this.smooth(rtt);
      if (this.roundEnds !== undefined && seqAfter(sndUna, this.roundEnds)) this.endRound(sndNxt);
    }
    this.rto = Math.min(MAX_RTO, Math.round(this.srtt + this.rttvar)) as Nanos;
  }

  private smooth(rtt: number): void {
    const error = rtt - this.srtt;
    this.srtt += error / 8;
    // A shorter round trip than expected must not make the timeout longer: it counts an eighth (Linux tcp_rtt_estimator).
    const surprise = Math.abs(error) - this.deviation;
    this.deviation += error < 0 && surprise > 0 ? surprise / 32 : surprise / 4;
    this.peakDeviation = Math.max(this.peakDeviation, 4 * this.deviation);
    this.rttvar = Math.max(this.rttvar, this.peakDeviation);
  }

  private endRound(sndNxt: SeqNum): void {
    if (this.peakDeviation < this.rttvar) this.rttvar -= (this.rttvar - this.peakDeviation) / 4;
    this.roundEnds = sndNxt;
    this.peakDeviation = MIN_RTO;
  }
}

/** RFC 6298 §5.5: the timeout doubles with each expiry. */
export const backedOff = (rto: Nanos, times: number): Nanos => Math.min(MAX_RTO, rto * 2 ** Math.min(times, 30)) as Nanos;
