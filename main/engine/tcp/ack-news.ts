import { type SeqNum, seq } from '../../wire/seq.ts';
import type { Nanos } from '../../wire/units.ts';

/** What a single arriving ACK told; gathered by the rules in the order they look at it, read by those that follow. */
export class AckNews {
  /** SND.UNA before it. */
  priorUna: SeqNum = seq(0);
  /** It moved SND.UNA. */
  advanced = false;
  /** Segments acknowledged or reported by SACK for the first time. */
  delivered = 0;
  /** Segments covered by the acknowledgment number as a whole. */
  acked = 0;
  /** Segments newly reported by SACK. */
  sacked = 0;
  /** Duplicate ACKs by RFC 5681 §2: 0 or 1. */
  duplicates = 0;
  /** Segments newly taken for lost. */
  lost = 0;
  /** It reported a duplicate (D-SACK, RFC 2883). */
  dsack = false;
  /** The duplicate was the tail loss probe. */
  dsackOfProbe = false;
  /** Something sent once only, from before the trouble began, has arrived: the original got through (F-RTO). */
  originalArrived = false;
  /** A retransmission was acknowledged. */
  resentAcked = false;
  /** A retransmission was found to be lost too. */
  resentLost = false;
  /** The lowest number that arrived late and was not sent twice; undefined when all came in order. */
  reordered: SeqNum | undefined;
  /** It carries the peer's ECN echo. */
  echo = false;
  /** It carries data, or changes the window. */
  moreThanAck = false;
  /** The retransmission timer starts anew. */
  restartsTimer = false;
  /** What may be sent next, beyond new data: nothing, what was lost, or new data before that (F-RTO). */
  next: 'usual' | 'lost' | 'new' = 'usual';

  // Round trips; undefined when it measured none
  firstAckedAt: Nanos | undefined;
  lastAckedAt: Nanos | undefined;
  firstSackedAt: Nanos | undefined;
  lastSackedAt: Nanos | undefined;

  /** Nothing is known yet. */
  begin(sndUna: SeqNum): this {
    this.priorUna = sndUna;
    this.advanced = false;
    this.delivered = 0;
    this.acked = 0;
    this.sacked = 0;
    this.duplicates = 0;
    this.lost = 0;
    this.dsack = false;
    this.dsackOfProbe = false;
    this.originalArrived = false;
    this.resentAcked = false;
    this.resentLost = false;
    this.reordered = undefined;
    this.echo = false;
    this.moreThanAck = false;
    this.restartsTimer = false;
    this.next = 'usual';
    this.firstAckedAt = undefined;
    this.lastAckedAt = undefined;
    this.firstSackedAt = undefined;
    this.lastSackedAt = undefined;
    return this;
  }

  /** Is there anything in it about loss (Linux tcp_ack_is_dubious, without the state)? */
  get isDubious(): boolean {
    return (this.acked === 0 && !this.advanced && !this.moreThanAck) || this.sacked > 0 || this.dsack || this.echo;
  }
}
