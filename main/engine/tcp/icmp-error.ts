import { ipVersionOf } from '../../wire/ip-address.ts';
import { seqAfter, seqAtOrBefore } from '../../wire/seq.ts';
import type { Nanos } from '../../wire/units.ts';
import { isTcb } from '../connection-table.ts';
import type { Host } from '../host.ts';
import type { IcmpError } from '../icmp/arrive.ts';
import { queuedError } from '../icmp/queued.ts';
import type { Quoted } from '../icmp/quoted.ts';
import { nanosSince } from '../jiffies.ts';
import type { IcmpPacket } from '../network/packet.ts';
import { type QueuedError, queueError } from '../sockets/error-queue.ts';
import { finish, release } from './finish.ts';
import { pathIsNarrower } from './path-mtu.ts';
import { backedOff } from './rtt.ts';
import type { Tcb } from './tcb.ts';

/**
 * An ICMP error about a segment of ours (RFC 9293 §3.9.2.2). Whoever wants to kill a connection blindly must guess a
 * sequence number that is under way (RFC 5927 §4.1); and once it is established, no error ends it at all (§6, as Linux):
 * at most it tells later why it timed out.
 */
export function tcpError(host: Host, quoted: Quoted, error: IcmpError, packet: IcmpPacket): void {
  const { src, srcPort, dst, dstPort } = quoted;
  const tcb = host.connections.find({ localAddress: src, localPort: srcPort, remoteAddress: dst, remotePort: dstPort });
  if (!tcb || !isTcb(tcb)) return;
  host.recorder?.touched(tcb);
  if (!isUnderWay(tcb, quoted)) {
    host.counters.add('OutOfWindowIcmps');
    return;
  }
  if (error.mtu !== undefined) pathIsNarrower(tcb, error);
  // Opened fast and accepted, it is to its user a connection like any other.
  else if (tcb.fastOpen && !tcb.listener) remember(tcb, quoted, error);
  else if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') giveUpOpening(tcb, error, queuedError(packet, error, quoted, 0));
  else remember(tcb, quoted, error);
}

/** A SYN,ACK with data behind it is still under way while its number stands before SND.UNA. */
const isUnderWay = (tcb: Tcb, { seq }: Quoted): boolean =>
  seqAtOrBefore(tcb.fastOpen ? tcb.iss : tcb.sndUna, seq) && !seqAfter(seq, tcb.sndNxt);

/** Before there is a connection every error is taken at its word, also the soft ones, of which RFC 1122 §4.2.3.9 would wait for more. */
function giveUpOpening(tcb: Tcb, { errno, fatal }: IcmpError, entry: QueuedError): void {
  // One that was opened fast stays in the accept queue, so that its data can be read, and then the error.
  if (!tcb.listener || tcb.fastOpen) {
    queueError(tcb, entry, tcb.settings.receiveBuffer); // whether IP_RECVERR is set or not, for programs that trace routes with SYNs
    finish(tcb, 'abort', errno);
    return;
  }
  // The embryo of a listener goes without a word, and only for what may be a passing trouble (Linux tcp_req_err).
  if (fatal) return;
  tcb.listener.turnAway(false);
  finish(tcb, 'abort');
  release(tcb);
}

function remember(tcb: Tcb, quoted: Quoted, { errno }: IcmpError): void {
  const { receiveErrors, receiveErrors6 } = tcb.settings;
  if (ipVersionOf(tcb.localAddress) === 4 ? receiveErrors : receiveErrors6) {
    tcb.error = errno; // the next call is told, and the connection lives on
    tcb.holder?.wake();
  } else tcb.softError = errno;
  if (quoted.seq === tcb.sndUna && tcb.backoff > 0 && (errno === 'ENETUNREACH' || errno === 'EHOSTUNREACH')) takeBackBackoff(tcb);
}

/** RFC 6069: it was not congestion that kept the retransmission from arriving, so the doubling of the timeout is taken back once. */
function takeBackBackoff(tcb: Tcb): void {
  const due = tcb.timers.due('retransmit');
  if (due === undefined) return;
  tcb.backoff--;
  const { now } = tcb.host.clock;
  const wait = backedOff(tcb.roundTrip.rto, tcb.backoff) - nanosSince(tcb.lastSentAt, now);
  tcb.timers.set('retransmit', Math.max(0, wait) as Nanos);
}
