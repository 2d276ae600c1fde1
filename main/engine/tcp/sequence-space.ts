import { type SeqNum, seq } from '../../wire/seq.ts';

/**
 * The numbers in which both ends count octets (RFC 9293 §3.3.1), and the timestamps, which count on the same circle. They
 * are kept signed: a whole number between -2^31 and 2^31 stands in the object itself, any other in a box of its own.
 */
export class SequenceSpace {
  private initialSend = 0;
  private unacknowledged = 0;
  private nextToSend = 0;
  private windowUpdate = 0;
  private small = 0;
  private initialReceive = 0;
  private expected = 0;
  private advertisedFrom = 0;
  private stamp = 0;
  private stampOffset = 0;

  // Send sequence space
  get iss(): SeqNum {
    return seq(this.initialSend);
  }
  set iss(number: SeqNum) {
    this.initialSend = number | 0;
  }

  get sndUna(): SeqNum {
    return seq(this.unacknowledged);
  }
  set sndUna(number: SeqNum) {
    this.unacknowledged = number | 0;
  }

  get sndNxt(): SeqNum {
    return seq(this.nextToSend);
  }
  set sndNxt(number: SeqNum) {
    this.nextToSend = number | 0;
  }

  /** Sequence number of the segment that updated the window last. */
  get sndWl1(): SeqNum {
    return seq(this.windowUpdate);
  }
  set sndWl1(number: SeqNum) {
    this.windowUpdate = number | 0;
  }

  /** End of the latest segment sent that was smaller than the MSS (Minshall's refinement of Nagle, as Linux has it). */
  get sndSml(): SeqNum {
    return seq(this.small);
  }
  set sndSml(number: SeqNum) {
    this.small = number | 0;
  }

  // Receive sequence space
  get irs(): SeqNum {
    return seq(this.initialReceive);
  }
  set irs(number: SeqNum) {
    this.initialReceive = number | 0;
  }

  get rcvNxt(): SeqNum {
    return seq(this.expected);
  }
  set rcvNxt(number: SeqNum) {
    this.expected = number | 0;
  }

  /** Where rcvNxt was when the window was last advertised: its right edge never moves left. */
  get rcvWup(): SeqNum {
    return seq(this.advertisedFrom);
  }
  set rcvWup(number: SeqNum) {
    this.advertisedFrom = number | 0;
  }

  // Timestamps (RFC 7323)
  /** The peer's latest, echoed in every segment (§4.3). */
  get tsRecent(): number {
    return this.stamp >>> 0;
  }
  set tsRecent(stamp: number) {
    this.stamp = stamp | 0;
  }

  /** Added to the clock so that timestamps tell nothing about the host's uptime. */
  get tsOffset(): number {
    return this.stampOffset >>> 0;
  }
  set tsOffset(offset: number) {
    this.stampOffset = offset | 0;
  }
}
