import { Flag, type Segment } from '../../wire/segment.ts';
import { seqAfter, seqAtOrBefore, seqBefore } from '../../wire/seq.ts';
import { ms, type Nanos } from '../../wire/units.ts';
import { jiffies } from '../jiffies.ts';
import { AckNews } from './ack-news.ts';
import { reduce } from './congestion/prr.ts';
import { tellWindow } from './congestion/tell.ts';
import { isEcho } from './ecn.ts';
import { timestampNow } from './options.ts';
import { onWindowNews } from './persist.ts';
import { adaptReorderingWindow, advanceRack } from './rack.ts';
import { judgeAck } from './recovery.ts';
import { removeAcked } from './reno-sack.ts';
import { noteReordering } from './reordering.ts';
import { noteReordered, takeSack } from './sack.ts';
import { tellAcknowledged } from './send-notices.ts';
import { takeProbeAck } from './tail-loss-probe.ts';
import type { Tcb } from './tcb.ts';
import { isOpening, restartTimer } from './transmission-timer.ts';
import { hasUnsent, transmitLost, transmitNewFirst } from './transmit.ts';

/** One for all: an ACK is dealt with before the next arrives. */
const scratch = new AckNews();

/**
 * The sender's side of an ACK (RFC 9293 §3.10.7.4, Linux tcp_ack): window, acknowledged octets, round trip, losses,
 * congestion window, and what is to be sent again. Also the ACK of our SYN in SYN-SENT comes through here.
 */
export function takeAcknowledgment(tcb: Tcb, segment: Segment, echo: number): void {
  const { sent } = tcb.sendQueue;
  const { rack } = tcb;
  tcb.lastHeardAt = jiffies(tcb.host.clock.now);
  const news = scratch.begin(tcb.sndUna);
  const isSyn = (segment.flags & Flag.SYN) !== 0;
  const hadFlight = sent.length > 0;
  const priorDelivered = rack.delivered;
  const priorHighest = sent.sackedOut > 0 ? sent.highestSacked : undefined;
  tcb.lastEcho = echo | 0;
  const priorWindow = tcb.sndWnd;
  if (!isSyn) updateWindow(tcb, segment);
  news.moreThanAck = segment.payload.length > 0 || (segment.flags & Flag.FIN) !== 0 || tcb.sndWnd !== priorWindow;
  news.echo = isEcho(tcb, segment);
  news.advanced = seqAfter(segment.ack, tcb.sndUna);
  if (news.advanced) {
    tcb.sndUna = segment.ack;
    tcb.timeouts = 0;
  }
  if (!isSyn) takeSack(tcb, segment, news);
  if (news.advanced) {
    forgetAcknowledged(tcb, news, priorHighest);
    if (!tcb.host.gso) tcb.holder?.wake(); // there is room to write again; with buffers of several segments `checkSpace` tells
  }
  measureRoundTrip(tcb, echo, news);
  rack.delivered += news.delivered;
  if (isSyn) {
    if (sent.length === 0) restartTimer(tcb);
    return;
  }
  if (hadFlight || news.dsack) recover(tcb, segment, news, priorDelivered);
  if (sent.length === 0 && hasUnsent(tcb)) onWindowNews(tcb, tcb.sndWnd > 0);
  else tcb.probesOut = 0;
}

/** Loss, timer, congestion window, retransmission: in this order (Linux tcp_ack). */
function recover(tcb: Tcb, segment: Segment, news: AckNews, priorDelivered: number): void {
  const { congestion, rack } = tcb;
  if (news.reordered !== undefined && congestion.phase !== 'loss')
    noteReordering(tcb, news.reordered, tcb.sendQueue.sent.sackedOut > 0 ? tcb.sendQueue.sent.highestSacked : tcb.sndUna);
  takeProbeAck(tcb, segment.ack, news);
  if (news.isDubious || congestion.phase !== 'open') {
    if (!news.advanced && !news.moreThanAck && !news.dsack && news.acked === 0) news.duplicates = 1;
    const known = news.delivered;
    judgeAck(tcb, news);
    rack.delivered += news.delivered - known; // without SACK, duplicates are found only there
  }
  if (news.restartsTimer) restartTimer(tcb);
  adaptReorderingWindow(tcb, priorDelivered);
  controlWindow(tcb, news);
  if (news.next === 'lost') transmitLost(tcb);
  else if (news.next === 'new') transmitNewFirst(tcb);
}

function controlWindow(tcb: Tcb, news: AckNews): void {
  const { congestion, rack, host } = tcb;
  if (congestion.inReduction) reduce(tcb, news.delivered, news.lost, news.advanced);
  else {
    // Where packets overtake each other, an arrival out of order is progress too (Linux tcp_may_raise_cwnd).
    const isProgress = rack.reordering > host.sysctls.now['net.ipv4.tcp_reordering'] ? news.delivered > 0 : news.acked > 0;
    if (!isProgress) return;
    congestion.control.grow(tcb, news.delivered);
  }
  tellWindow(tcb);
}

/** RFC 9293 §3.10.7.4: only a segment newer than the one that set the window may change it. */
function updateWindow(tcb: Tcb, segment: Segment): void {
  const window = segment.window << tcb.sndWindScale;
  const isNewer =
    seqAfter(segment.ack, tcb.sndUna) ||
    seqAfter(segment.seq, tcb.sndWl1) ||
    (segment.seq === tcb.sndWl1 && (window > tcb.sndWnd || window === 0));
  if (!isNewer || seqBefore(segment.ack, tcb.sndUna)) return;
  tcb.sndWnd = window;
  tcb.sndWl1 = segment.seq;
  tcb.maxWindow = Math.max(tcb.maxWindow, window);
}

/** Takes what SND.UNA now covers off the queue (Linux tcp_clean_rtx_queue); a segment covered in part keeps its rest. */
function forgetAcknowledged(tcb: Tcb, news: AckNews, priorHighest: Tcb['sndUna'] | undefined): void {
  const { sent } = tcb.sendQueue;
  for (let head = sent.head; head && seqAtOrBefore(head.end, tcb.sndUna); head = sent.head) {
    news.acked++;
    if (head.transmissions > 1) news.resentAcked = true;
    else if (!head.sacked) {
      news.firstAckedAt ??= head.sentAt;
      news.lastAckedAt = head.sentAt;
      if (priorHighest !== undefined && seqBefore(head.seq, priorHighest)) noteReordered(news, head.seq);
      if (seqAtOrBefore(head.end, tcb.congestion.recover)) news.originalArrived = true;
    }
    if (!head.sacked) {
      news.delivered++;
      if (tcb.hasSack) advanceRack(tcb, head);
    }
    sent.shift();
  }
  sent.trimHead(tcb.sndUna);
  tcb.sendQueue.release(tcb.sndUna);
  if (tcb.notices) tellAcknowledged(tcb);
  if (news.acked > 0) news.restartsTimer = true;
  if (!tcb.hasSack) {
    const before = sent.sackedOut;
    removeAcked(tcb, news);
    // What duplicates already counted as delivered is not delivered again.
    news.delivered = Math.max(0, news.delivered - (before - sent.sackedOut));
  }
}

/**
 * One sample for each ACK (RFC 6298 §3, Linux tcp_ack_update_rtt): from what was sent once only (Karn), else from what
 * SACK newly reports, else from the timestamp echo (RFC 7323 §4.1). Only a sample ends the doubling of the timeout.
 */
function measureRoundTrip(tcb: Tcb, echo: number, news: AckNews): void {
  const { now } = tcb.host.clock;
  const { roundTrip } = tcb;
  let first = news.resentAcked ? undefined : news.firstAckedAt;
  let last = news.resentAcked ? undefined : news.lastAckedAt;
  if (first === undefined) {
    first = news.firstSackedAt;
    last = news.lastSackedAt;
    const { head } = tcb.sendQueue.sent;
    // The sample tells that the path is alive since the head left: the timer may start anew.
    if (first !== undefined && head && first > head.sentAt) news.restartsTimer = true;
  }
  let sample = first === undefined ? undefined : ((now - first) as Nanos);
  let latest = last === undefined ? undefined : ((now - last) as Nanos);
  if (sample === undefined && news.acked > 0 && tcb.hasTimestamps && echo !== 0) {
    const ticks = (timestampNow(tcb) - echo) | 0;
    if (ticks < 0) return;
    sample = ms(Math.max(1, ticks));
    latest = sample;
  }
  if (sample === undefined || latest === undefined) return;
  roundTrip.noteMinimum(latest, now);
  roundTrip.sample(sample, tcb.sndUna, tcb.sndNxt);
  tcb.backoff = 0;
  if (!isOpening(tcb)) tcb.congestion.control.measured?.(tcb, latest);
}
