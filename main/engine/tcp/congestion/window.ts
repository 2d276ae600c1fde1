import { type SeqNum, seq } from '../../../wire/seq.ts';

export const INITIAL_WINDOW = 10; // RFC 6928
export const DUPLICATE_ACKS = 3; // RFC 5681 §3.2

/** What congestion control knows of one connection. Windows count segments, as Linux does. */
export class CongestionWindow {
  cwnd = INITIAL_WINDOW;
  ssthresh = 0x7fff_ffff;
  /** Acknowledged segments not yet turned into growth, in congestion avoidance. */
  credit = 0;
  /** Open: all is well. Recovery: a fast retransmit is being repaired. Loss: a timeout is. */
  phase: 'open' | 'recovery' | 'loss' = 'open';
  /** SND.NXT when the trouble began; acknowledged, it is over (RFC 6582's "recover"). */
  recover: SeqNum = seq(0);
  /** Duplicate ACKs in a row; counted only where there is no SACK to say what arrived. */
  duplicateAcks = 0;
  /** The window, and not the user, held data back: only then may it grow (RFC 7661 in spirit, Linux is_cwnd_limited). */
  limited = false;

  get inSlowStart(): boolean {
    return this.cwnd < this.ssthresh;
  }
}
