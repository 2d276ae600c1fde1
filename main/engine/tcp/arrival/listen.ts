import { Flag, type Segment } from '../../../wire/segment.ts';
import { seconds } from '../../../wire/units.ts';
import type { TcpPacket } from '../../network/packet.ts';
import type { DropReason, Ends } from '../../probes.ts';
import type { Listener } from '../listener.ts';
import { resetInAnswer } from '../output.ts';
import { answerWithCookie, beginPassiveOpen, openFromCookie, type Reopening } from '../passive-open.ts';
import { synFromCookie } from '../syn-cookie.ts';
import type { Tcb } from '../tcb.ts';

const COOKIE_LIFE = seconds(120);

/**
 * LISTEN (RFC 9293 §3.10.7.2): no RST is for us, an ACK of something we never sent gets a RST, a SYN begins a connection.
 * An ACK that brings a SYN cookie back gives the connection that is to take this very segment.
 */
export function arriveListen(listener: Listener, packet: TcpPacket, reopening?: Reopening): Tcb | undefined {
  const { src, dst, segment } = packet;
  const { flags } = segment;
  const ends = { localAddress: dst, localPort: segment.dstPort, remoteAddress: src, remotePort: segment.srcPort };
  if (flags & Flag.RST) ignore(listener, ends, segment, 'not-a-syn');
  else if (flags & Flag.ACK) return arriveAck(listener, ends, segment);
  // A FIN with the SYN has no honest sender; Linux takes it for a port scan and stays silent.
  else if ((flags & (Flag.SYN | Flag.FIN)) !== Flag.SYN) ignore(listener, ends, segment, 'not-a-syn');
  else arriveSyn(listener, ends, segment, reopening);
  return undefined;
}

const ignore = (listener: Listener, ends: Ends, segment: Segment, reason: DropReason): void => listener.host.drop(ends, segment, reason);

function arriveAck(listener: Listener, ends: Ends, segment: Segment): Tcb | undefined {
  const { host, lastCookieAt } = listener;
  const mayBeCookie =
    (segment.flags & Flag.SYN) === 0 &&
    host.sysctls.now['net.ipv4.tcp_syncookies'] !== 0 &&
    lastCookieAt !== undefined &&
    host.clock.now - lastCookieAt <= COOKIE_LIFE;
  const syn = mayBeCookie ? synFromCookie(host, ends, segment) : undefined;
  if (!syn) {
    ignore(listener, ends, segment, 'unacceptable-ack');
    host.send(ends.localAddress, ends.remoteAddress, resetInAnswer(segment), 'reset');
    return undefined;
  }
  if (listener.isFull) {
    // There is no SYN,ACK to send again: only data that the client repeats can bring the cookie once more.
    listener.turnAway(true);
    ignore(listener, ends, segment, 'accept-queue-full');
    return undefined;
  }
  return openFromCookie(listener, ends, syn, segment);
}

/** May it begin a connection, must it do with a cookie, or is it dropped (Linux tcp_conn_request)? */
function arriveSyn(listener: Listener, ends: Ends, syn: Segment, reopening?: Reopening): void {
  const { sysctls, counters } = listener.host;
  const cookies = sysctls.now['net.ipv4.tcp_syncookies'];
  // A peer whose former connection is in TIME-WAIT is real, and is let in though the queue is full.
  const isFlooded = !reopening && (cookies === 2 || listener.synQueueIsFull);
  if (isFlooded) counters.add(cookies === 0 ? 'TCPReqQFullDrop' : 'TCPReqQFullDoCookies');
  if (isFlooded && cookies === 0) turnAway(listener, ends, syn, 'syn-queue-full');
  else if (listener.isFull) turnAway(listener, ends, syn, 'accept-queue-full');
  else if (isFlooded) answerWithCookie(listener, ends, syn);
  else if (!reopening && cookies === 0 && isLastQuarter(listener)) turnAway(listener, ends, syn, 'syn-queue-full');
  else beginPassiveOpen(listener, ends, syn, reopening);
}

function turnAway(listener: Listener, ends: Ends, syn: Segment, reason: 'syn-queue-full' | 'accept-queue-full'): void {
  listener.turnAway(reason === 'accept-queue-full');
  ignore(listener, ends, syn, reason);
}

/** Without cookies the last quarter of tcp_max_syn_backlog is for peers known from before, and we remember none. */
function isLastQuarter(listener: Listener): boolean {
  const most = listener.host.sysctls.now['net.ipv4.tcp_max_syn_backlog'];
  return most - listener.synQueue.size < most >> 2;
}
