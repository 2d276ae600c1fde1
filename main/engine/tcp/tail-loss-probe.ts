import { type SeqNum, seqAfter, seqAtOrBefore, seqBefore } from '../../wire/seq.ts';
import { ms, type Nanos } from '../../wire/units.ts';
import type { AckNews } from './ack-news.ts';
import { enterPhase, settlePhase } from './congestion/phase.ts';
import { beginReduction, endReduction } from './congestion/prr.ts';
import { INITIAL_RTO, MIN_RTO } from './rtt.ts';
import type { Tcb } from './tcb.ts';
import { rearmRetransmit } from './transmission-timer.ts';
import { put, sendProbe } from './transmit.ts';

const SLACK = ms(2); // Linux TCP_TIMEOUT_MIN

/** A probe that is out (RFC 8985 §7.1). */
export interface TailProbe {
  /** SND.NXT when it left. */
  readonly end: SeqNum;
  /** It repeated the last segment, having nothing new to send. */
  readonly retransmitted: boolean;
}

/**
 * The last segments of a flight have none behind them whose arrival would tell of their loss. So after two round trips
 * without an ACK something is sent, to get one (RFC 8985 §7.2). Returns false when the retransmission timer has to watch.
 */
export function scheduleProbe(tcb: Tcb, toTimeout: number): boolean {
  const { congestion, sendQueue, roundTrip, host } = tcb;
  const out = sendQueue.sent.length;
  const allowed = host.sysctls.now['net.ipv4.tcp_early_retrans'];
  if ((allowed !== 3 && allowed !== 4) || out === 0 || !tcb.hasSack) return false;
  if (congestion.phase !== 'open' && congestion.phase !== 'cwr') return false;
  let delay: number = INITIAL_RTO;
  // A single segment may wait for a delayed ACK. Linux allows for its own minimum RTO; RFC 8985 §7.2 has WCDelAckT, also 200 ms.
  if (roundTrip.srtt > 0) delay = Math.round(2 * roundTrip.srtt) + (out === 1 ? MIN_RTO : SLACK);
  if (toTimeout > 0) delay = Math.min(delay, toTimeout);
  tcb.timers.set('loss-probe', delay as Nanos);
  return true;
}

/** Two round trips without an ACK: sends something new, else the last segment again (RFC 8985 §7.3). */
export function onProbeTimeout(tcb: Tcb): void {
  const { sendQueue, host } = tcb;
  if (!tcb.tailProbe) {
    let retransmitted = false;
    let sent = sendProbe(tcb);
    const { tail } = sendQueue.sent;
    if (sent === 'cannot' && tail) {
      put(tcb, tail, 'loss-probe');
      retransmitted = true;
      sent = 'sent';
    }
    if (sent === 'sent') {
      tcb.tailProbe = { end: tcb.sndNxt, retransmitted };
      host.counters.add('TCPLossProbes');
      rearmRetransmit(tcb, 'now');
      return;
    }
  }
  rearmRetransmit(tcb, 'head');
}

/** An ACK while a probe is out: was there a loss that the probe repaired (RFC 8985 §7.4.2, Linux tcp_process_tlp_ack)? */
export function takeProbeAck(tcb: Tcb, ack: SeqNum, news: AckNews): void {
  const { tailProbe, host } = tcb;
  if (!tailProbe || seqBefore(ack, tailProbe.end)) return;
  if (!tailProbe.retransmitted || news.dsackOfProbe) tcb.tailProbe = undefined;
  else if (seqAfter(ack, tailProbe.end)) {
    // It took the place of a lost segment: one congestion signal, already repaired.
    beginReduction(tcb);
    enterPhase(tcb, 'cwr');
    endReduction(tcb);
    settlePhase(tcb);
    host.counters.add('TCPLossProbeRecovery');
  } else if (!news.advanced && !news.moreThanAck && news.sacked === 0 && seqAtOrBefore(ack, tailProbe.end)) tcb.tailProbe = undefined;
}
