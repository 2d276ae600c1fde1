import type { AckNews } from './ack-news.ts';
import type { Tcb } from './tcb.ts';

/**
 * Without SACK a duplicate ACK says that some segment has left the network, only not which (RFC 5681 §3.2, step 4; RFC
 * 3042). Linux counts it as if a segment had been reported, so the same rules serve both kinds of connection.
 */
export function addDuplicates(tcb: Tcb, news: AckNews): void {
  if (news.duplicates === 0) return;
  const { sent } = tcb.sendQueue;
  const before = sent.sackedOut;
  sent.sackedOut += news.duplicates;
  limitToHoles(tcb);
  news.delivered += Math.max(0, sent.sackedOut - before);
}

/** Some of the segments counted as arrived are now acknowledged; the first of them was the hole. */
export function removeAcked(tcb: Tcb, news: AckNews): void {
  const { sent } = tcb.sendQueue;
  if (news.acked > 0) sent.sackedOut = news.acked - 1 >= sent.sackedOut ? 0 : sent.sackedOut - (news.acked - 1);
  limitToHoles(tcb);
}

/** More than all but one cannot have arrived: the first is missing. More duplicates than that mean reordering. */
function limitToHoles({ sendQueue: { sent }, rack, host }: Tcb): void {
  const holes = Math.min(Math.max(sent.lostOut, 1), sent.length);
  if (sent.sackedOut + holes <= sent.length) return;
  sent.sackedOut = sent.length - holes;
  rack.reordering = Math.min(sent.length, host.sysctls.now['net.ipv4.tcp_max_reordering']);
  rack.reorderings++;
  host.counters.add('TCPRenoReorder');
}

/** RFC 6582 §3.2: the third duplicate ACK, and in recovery each ACK of a part only, says that the first segment is lost. */
export function markRenoLoss(tcb: Tcb, news: AckNews): void {
  const { sent } = tcb.sendQueue;
  const { phase } = tcb.congestion;
  const beforeRecovery = phase !== 'recovery' && phase !== 'loss';
  if (!(beforeRecovery && sent.sackedOut >= tcb.rack.reordering) && !(phase === 'recovery' && news.advanced)) return;
  const { head } = sent;
  if (!head || head.lost) return;
  sent.lose(head);
  news.lost++;
}
