import type { SackBlock } from '../../wire/segment.ts';
import { seqAtOrAfter, seqAtOrBefore, seqBefore } from '../../wire/seq.ts';
import { grow, halved } from './congestion/reno.ts';
import { DUPLICATE_ACKS } from './congestion/window.ts';
import type { SentSegment } from './send-queue.ts';
import type { Tcb } from './tcb.ts';

/** Segments that may be under way: sent, not known to have arrived, not taken for lost (RFC 6675 "pipe"). */
export function inFlight(tcb: Tcb): number {
  let count = 0;
  for (const segment of tcb.sendQueue.sent) if (!segment.sacked) count += (segment.lost ? 0 : 1) + (segment.resent ? 1 : 0);
  // Without SACK every duplicate ACK says that one segment, we do not know which, has left the network.
  return tcb.hasSack ? count : Math.max(0, count - tcb.congestion.duplicateAcks);
}

/** Marks what the peer reports as arrived; true when it told something new. */
export function takeSackBlocks(tcb: Tcb, blocks: readonly SackBlock[]): boolean {
  let news = false;
  for (const { left, right } of blocks) {
    // A block below SND.UNA reports a duplicate (RFC 2883), one beyond SND.NXT is nonsense: neither marks anything.
    if (!seqBefore(left, right) || seqBefore(left, tcb.sndUna) || seqBefore(tcb.sndNxt, right)) continue;
    for (const segment of tcb.sendQueue.sent) {
      if (segment.sacked || seqBefore(segment.seq, left) || !seqAtOrBefore(segment.end, right)) continue;
      segment.sacked = true;
      segment.lost = false;
      segment.resent = false;
      news = true;
    }
  }
  return news;
}

/** A hole with three segments arrived above it is taken for lost (RFC 6675 §4 IsLost). */
function markLost(tcb: Tcb): boolean {
  const sent = [...tcb.sendQueue.sent];
  let above = 0;
  let found = false;
  for (const segment of sent.reverse()) {
    if (segment.sacked) above++;
    else if (above >= DUPLICATE_ACKS && !segment.lost && !segment.resent) {
      segment.lost = true;
      found = true;
    }
  }
  return found;
}

const markHead = (tcb: Tcb): void => {
  const head = tcb.sendQueue.sent.at(0);
  if (!head || head.sacked) return;
  head.lost = true;
  head.resent = false;
};

/**
 * Judges an ACK for what it says about loss. `advanced` is how many segments it acknowledged, `duplicate` whether it is
 * a duplicate ACK by RFC 5681 §2.
 */
export function onAck(tcb: Tcb, advanced: number, duplicate: boolean): void {
  const { congestion } = tcb;
  if (advanced > 0) congestion.duplicateAcks = 0;
  else if (duplicate) congestion.duplicateAcks++;

  if (congestion.phase !== 'open' && advanced > 0 && seqAtOrAfter(tcb.sndUna, congestion.recover)) endRecovery(tcb);
  if (congestion.phase === 'open') {
    const lost = tcb.hasSack ? markLost(tcb) : congestion.duplicateAcks >= DUPLICATE_ACKS;
    if (lost) beginRecovery(tcb);
    else if (advanced > 0) {
      grow(congestion, advanced);
      tellWindow(tcb);
    }
    return;
  }
  if (tcb.hasSack) markLost(tcb);
  // RFC 6582 §3.2: an ACK that covers a part only says that the next hole is lost too.
  else if (congestion.phase === 'recovery' && advanced > 0) markHead(tcb);
  if (congestion.phase === 'loss' && advanced > 0) {
    congestion.limited = true;
    grow(congestion, advanced);
    tellWindow(tcb);
  }
}

function beginRecovery(tcb: Tcb): void {
  const { congestion, host } = tcb;
  host.counters.add(tcb.hasSack ? 'TCPSackRecovery' : 'TCPRenoRecovery');
  congestion.phase = 'recovery';
  congestion.recover = tcb.sndNxt;
  congestion.ssthresh = halved(congestion);
  congestion.cwnd = congestion.ssthresh;
  congestion.credit = 0;
  if (!tcb.hasSack) markHead(tcb);
  tellWindow(tcb);
}

function endRecovery(tcb: Tcb): void {
  const { congestion } = tcb;
  if (congestion.phase === 'recovery') congestion.cwnd = Math.max(congestion.ssthresh, 2);
  congestion.phase = 'open';
  tellWindow(tcb);
}

/** The retransmission timer ran out (RFC 5681 §3.1): all that is not known to have arrived is lost, and we start anew with one. */
export function enterLoss(tcb: Tcb): void {
  const { congestion } = tcb;
  if (congestion.phase !== 'loss') congestion.ssthresh = halved(congestion);
  congestion.phase = 'loss';
  congestion.recover = tcb.sndNxt;
  congestion.cwnd = 1;
  congestion.credit = 0;
  congestion.duplicateAcks = 0;
  for (const segment of tcb.sendQueue.sent) {
    segment.resent = false;
    segment.lost = !segment.sacked;
  }
  tellWindow(tcb);
}

/** The next segment to send again, or undefined. */
export function nextLost(tcb: Tcb): SentSegment | undefined {
  for (const segment of tcb.sendQueue.sent) if (segment.lost && !segment.resent) return segment;
  return undefined;
}

export function tellWindow(tcb: Tcb): void {
  const { probes, clock, name } = tcb.host;
  const { cwnd, ssthresh, phase } = tcb.congestion;
  if (probes.wants('cwnd')) probes.emit({ kind: 'cwnd', at: clock.now, host: name, connection: tcb.id, cwnd, ssthresh, phase });
}
