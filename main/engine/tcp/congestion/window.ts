import { type SeqNum, seq } from '../../../wire/seq.ts';
import type { Nanos } from '../../../wire/units.ts';
import type { Jiffies } from '../../jiffies.ts';
import { type Rare, rareProperties } from '../../rare.ts';
import { type CongestionControl, type CongestionControlName, congestionControl } from './control.ts';

export const INITIAL_WINDOW = 10; // RFC 6928
/** Segments a packet may be overtaken by before it is taken for lost, to begin with (RFC 5681 §3.2, net.ipv4.tcp_reordering). */
export const DUPLICATE_ACKS = 3;
/** No slow start threshold is known yet. */
export const NO_THRESHOLD = 0x7fff_ffff;

/**
 * How the sender feels, in Linux's words (TCP_CA_*). Open: all is well. Disorder: something arrived out of order.
 * CWR: a congestion signal without a loss is being answered. Recovery: a loss is repaired while ACKs come. Loss: the
 * retransmission timer has run out.
 */
export type Phase = 'open' | 'disorder' | 'cwr' | 'recovery' | 'loss';

/** What congestion control knows of one connection. Windows count segments, as on Linux. */
export class CongestionWindow {
  cwnd = INITIAL_WINDOW;
  ssthresh = NO_THRESHOLD;
  /** Acknowledged segments not yet turned into growth, in congestion avoidance. */
  credit = 0;
  phase: Phase = 'open';
  private recoverAt = 0;
  /** The name alone until something is to be controlled. */
  private algorithm: CongestionControl | CongestionControlName;

  // Proportional rate reduction (prr.ts)
  /** The window when the reduction began. */
  declare priorCwnd: number;
  declare prrDelivered: number;
  declare prrOut: number;

  // Taking a reduction back (undo.ts)
  /** The threshold before it; 0 when it must not be taken back. */
  declare priorSsthresh: number;
  /** SND.UNA when the reduction began; undefined while there is none to take back. */
  declare undoMarker: SeqNum | undefined;
  /** Retransmissions not yet reported as duplicates; -1 while none has been sent. */
  declare undoRetransmissions: number;
  /** When the first retransmission of this episode left; undefined while there is none. */
  declare retransmittedAt: Nanos | undefined;

  // How far the window was used (usage.ts)
  /** The window, and not the user, held data back: only then may it grow. */
  limited = false;
  /** The most segments out in the round that ends at `usageEnds`. */
  mostOut = 0;
  private usageEndsAt = 0;
  /** The most segments out since the window was last full, and when that was. */
  usedCwnd = 0;
  fullAt: Jiffies = 0;
  rare: Rare | undefined;

  constructor(algorithm: CongestionControlName) {
    this.algorithm = algorithm;
  }

  /** How the window grows and shrinks. It comes into being with the first data: what never sends any needs none. */
  get control(): CongestionControl {
    if (typeof this.algorithm === 'string') this.algorithm = congestionControl(this.algorithm);
    return this.algorithm;
  }

  /** TCP_CONGESTION: another algorithm begins here, with the window as it stands. */
  use(algorithm: CongestionControlName): void {
    this.algorithm = algorithm;
  }

  /** SND.NXT when the trouble began; acknowledged, it is over (RFC 6582's "recover"). */
  get recover(): SeqNum {
    return seq(this.recoverAt);
  }
  set recover(number: SeqNum) {
    this.recoverAt = number | 0;
  }

  get usageEnds(): SeqNum {
    return seq(this.usageEndsAt);
  }
  set usageEnds(number: SeqNum) {
    this.usageEndsAt = number | 0;
  }

  get inSlowStart(): boolean {
    return this.cwnd < this.ssthresh;
  }

  /** The window shrinks by what is delivered, and does not grow. */
  get inReduction(): boolean {
    return this.phase === 'cwr' || this.phase === 'recovery';
  }

  /** The threshold as it would be kept over a pause or a recovery: three quarters of the window at least (Linux tcp_current_ssthresh). */
  get currentSsthresh(): number {
    return this.inReduction ? this.ssthresh : Math.max(this.ssthresh, (this.cwnd >> 1) + (this.cwnd >> 2));
  }
}

rareProperties(CongestionWindow.prototype, {
  priorCwnd: 0,
  prrDelivered: 0,
  prrOut: 0,
  priorSsthresh: 0,
  undoMarker: undefined,
  undoRetransmissions: 0,
  retransmittedAt: undefined,
});
