import type { SackBlock, Segment } from '../../wire/segment.ts';
import type { SeqNum } from '../../wire/seq.ts';
import { seqAfter, seqAtOrAfter, seqAtOrBefore, seqBefore, seqDistance } from '../../wire/seq.ts';
import type { AckNews } from './ack-news.ts';
import { optionOf } from './options.ts';
import { advanceRack } from './rack.ts';
import type { SentSegment } from './scoreboard.ts';
import type { Tcb } from './tcb.ts';

/** Takes the SACK blocks of an ACK (RFC 2018 §5, RFC 2883 §4, Linux tcp_sacktag_write_queue). */
export function takeSack(tcb: Tcb, segment: Segment, news: AckNews): void {
  if (!tcb.hasSack || segment.options.length === 0) return;
  const blocks = optionOf(segment, 'sack')?.blocks;
  if (!blocks || blocks.length === 0) return;
  const { host } = tcb;
  let from = 0;
  if (isDuplicateReport(blocks, segment.ack)) {
    from = 1;
    takeDuplicateReport(tcb, blocks[0]!, segment.ack, news);
  }
  for (let i = from; i < blocks.length; i++) {
    const block = blocks[i]!;
    if (isBelievable(tcb, block)) markArrived(tcb, block, news);
    else host.counters.add('TCPSACKDiscard');
  }
}

/** A first block at or below the acknowledgment, or inside the second, says that something came twice (RFC 2883 §4). */
function isDuplicateReport([first, second]: readonly SackBlock[], ack: SeqNum): boolean {
  if (!first) return false;
  if (seqBefore(first.left, ack)) return true;
  return second !== undefined && !seqBefore(first.left, second.left) && !seqAfter(first.right, second.right);
}

function takeDuplicateReport(tcb: Tcb, block: SackBlock, ack: SeqNum, news: AckNews): void {
  const { congestion, rack, tailProbe, host } = tcb;
  host.counters.add(seqBefore(block.left, ack) ? 'TCPDSACKRecv' : 'TCPDSACKOfoRecv');
  const octets = seqDistance(block.left, block.right);
  if (octets <= 0 || seqAfter(block.right, tcb.sndNxt)) return;
  news.dsack = true;
  if (tcb.duplicatesReported >= tcb.retransmissions) return; // the network doubled it, not we
  tcb.duplicatesReported++;
  if (tailProbe?.retransmitted && tailProbe.end === block.right) news.dsackOfProbe = true;
  else if (rack.reorderings > 0) rack.dsackSeen = true;
  const copies = Math.max(1, Math.ceil(octets / tcb.mss));
  if (congestion.undoMarker !== undefined && congestion.undoRetransmissions > 0 && seqAfter(block.right, congestion.undoMarker))
    congestion.undoRetransmissions = Math.max(0, congestion.undoRetransmissions - copies);
}

/** A block outside what is under way is nonsense, or an old one that a later ACK overtook. */
const isBelievable = (tcb: Tcb, { left, right }: SackBlock): boolean =>
  seqBefore(left, right) && seqAtOrAfter(left, tcb.sndUna) && seqAtOrBefore(right, tcb.sndNxt);

/** Marks the segments a block covers as a whole. */
function markArrived(tcb: Tcb, { left, right }: SackBlock, news: AckNews): void {
  const { sent } = tcb.sendQueue;
  const known = tcb.sackSeen;
  let from = left;
  // What the same block said before need not be looked at again: blocks grow at their right edge.
  if (known && sent.sackedOut > 0 && seqAtOrAfter(left, known.left) && seqAtOrBefore(left, known.right)) from = known.right;
  for (let i = sent.indexFrom(from); ; i++) {
    const segment = sent.at(i);
    if (!segment || !seqAtOrBefore(segment.end, right)) break;
    if (!segment.sacked) noteArrival(tcb, segment, news);
  }
  if (from !== left) tcb.sackSeen = { left: known!.left, right: seqAfter(right, known!.right) ? right : known!.right };
  else if (!known || sent.sackedOut === 0 || seqAtOrAfter(left, known.left)) tcb.sackSeen = { left, right };
}

function noteArrival(tcb: Tcb, segment: SentSegment, news: AckNews): void {
  const { sent } = tcb.sendQueue;
  if (segment.transmissions === 1) {
    if (sent.sackedOut > 0 && seqBefore(segment.seq, sent.highestSacked!)) noteReordered(news, segment.seq);
    if (seqAtOrBefore(segment.end, tcb.congestion.recover)) news.originalArrived = true;
    news.firstSackedAt ??= segment.sentAt;
    news.lastSackedAt = segment.sentAt;
  }
  advanceRack(tcb, segment);
  sent.sack(segment);
  news.sacked++;
  news.delivered++;
}

/** A hole filled by something sent only once was no loss: it had been overtaken. */
export function noteReordered(news: AckNews, at: SeqNum): void {
  if (news.reordered === undefined || seqBefore(at, news.reordered)) news.reordered = at;
}
