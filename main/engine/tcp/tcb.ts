import type { TcpState } from '../../tcp-model/states.ts';
import type { IpAddress } from '../../wire/ip-address.ts';
import type { SackBlock } from '../../wire/segment.ts';
import { type SeqNum, seq, seqDistance } from '../../wire/seq.ts';
import type { Nanos } from '../../wire/units.ts';
import { bitProperties } from '../bits.ts';
import type { Host } from '../host.ts';
import type { Jiffies } from '../jiffies.ts';
import type { Ends } from '../probes.ts';
import { type Rare, rareProperties } from '../rare.ts';
import type { ErrnoName } from '../sockets/errno.ts';
import type { ErrorQueue } from '../sockets/error-queue.ts';
import type { Wakeable } from '../sockets/socket.ts';
import type { Chronograph } from './chronograph.ts';
import { CongestionWindow } from './congestion/window.ts';
import { AckScheduler } from './delayed-ack.ts';
import { NO_ECN } from './ecn.ts';
import type { FastOpenCookie } from './fast-open.ts';
import type { FastOpenAttempt } from './fast-open-client.ts';
import type { Listener } from './listener.ts';
import type { Pacer } from './pacing.ts';
import { NOTHING_RECEIVED, NOTHING_TO_SEND } from './queues.ts';
import { Rack } from './rack.ts';
import type { ReceiveRate } from './receive-autotune.ts';
import { RoundTrip } from './rtt.ts';
import type { SendNotices } from './send-notices.ts';
import { SequenceSpace } from './sequence-space.ts';
import type { SocketSettings } from './settings.ts';
import type { Stateful } from './state.ts';
import type { TailProbe } from './tail-loss-probe.ts';
import { Timers } from './timers.ts';
import type { UrgentMark } from './urgent.ts';

/**
 * The transmission control block: everything one endpoint knows of one connection (RFC 9293 §3.3.1). The rules live in
 * the files around it, each named for its rule.
 */
export class Tcb extends SequenceSpace implements Stateful {
  readonly host: Host;
  readonly id: number;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  /** Another value takes its place where the user sets an option. */
  settings: SocketSettings;
  /** SO_RCVBUF and SO_SNDBUF in force: they grow with what is read and sent unless the user has fixed them. */
  receiveBuffer: number;
  sendBuffer: number;
  /** Changed by `setState` only. */
  state: TcpState;

  sndWnd = 0;
  /** The largest window the peer ever offered. */
  maxWindow = 0;
  /** The window as last advertised, from rcvWup on. */
  rcvWnd = 0;
  /** How far the window may open so far; grows as data comes (Linux rcv_ssthresh). */
  rcvWindowLimit = 0;
  /** Where the peer's FIN stands, once it arrived in the window. */
  finAt: SeqNum | undefined;

  // Agreed with the options of the SYNs
  /** Largest payload we send: the smaller of the peer's MSS and the path, less the options every segment carries. */
  mss = 536;
  /** The MSS we told the peer. */
  advertisedMss = 536;
  sndWindScale = 0;
  rcvWindScale = 0;
  declare hasWindowScale: boolean;
  declare hasTimestamps: boolean;
  declare hasSack: boolean;
  /** When tsRecent came, in whole seconds. */
  tsRecentAt = 0;

  /** Behind the latest octet sent with MSG_OOB (SND.UP of RFC 9293 §3.3.1). */
  declare urgentEnd: SeqNum | undefined;
  /** What the peer declared urgent (RCV.UP). */
  declare urgent: UrgentMark | undefined;

  /** How fast the user reads; undefined before the first data. */
  receiveRate: ReceiveRate | undefined;

  /** See queues.ts: a connection has them of its own only while something is in them. */
  sendQueue = NOTHING_TO_SEND;
  receiveQueue = NOTHING_RECEIVED;
  readonly congestion: CongestionWindow;
  readonly rack: Rack;
  /** The tail loss probe that is out. */
  tailProbe: TailProbe | undefined;
  readonly roundTrip = new RoundTrip();
  readonly acks: AckScheduler;
  readonly timers: Timers;

  /** The user has closed the sending direction; the FIN follows the queued data. */
  declare finQueued: boolean;
  declare finSent: boolean;
  /** The user will read no more: SHUT_RD, or the socket is closed. */
  declare readClosed: boolean;
  /** The peer's FIN was taken: after what is queued comes the end of the stream. */
  declare endOfStream: boolean;
  /** No descriptor refers to it any more. */
  declare orphan: boolean;
  /** Why it failed, until somebody asks (SO_ERROR). */
  declare error: ErrnoName | undefined;
  /** What waits for MSG_ERRQUEUE; undefined before the first. */
  declare errorQueue: ErrorQueue | undefined;
  /** Writes that the error queue is to tell of. */
  declare notices: SendNotices | undefined;
  /** Of a paced connection, once it has sent. */
  declare pacer: Pacer | undefined;
  /** The fast-open option of our next SYN or SYN,ACK: a cookie shown or granted, or, empty, asked for. Not repeated. */
  declare fastOpenOption: FastOpenCookie | undefined;
  /** Our own attempt to open fast. */
  declare fastOpenAttempt: FastOpenAttempt | undefined;
  /** The data of a SYN, the peer's or ours, was taken at once (TCPI_OPT_SYN_DATA). */
  declare synDataTaken: boolean;
  /** The listener that took the data of the SYN, until the third segment comes (RFC 7413 §4.2.2). */
  declare fastOpen: Listener | undefined;
  /** When our SYN,ACK left; unknown where it was a cookie. */
  synAckSentAt: Nanos | undefined;
  /** The bare third segment came while the listener waits for data. */
  declare handshakeDone: boolean;
  /** What an ICMP error said; not believed by itself, but told should the connection time out. */
  declare softError: ErrnoName | undefined;
  /** Whose SYN or accept queue holds it. */
  listener: Listener | undefined;
  /** A blocked call has more to send as soon as the handshake is over. */
  declare writePending: boolean;
  /** Somebody found no room to write, and waits for it (Linux SOCK_NOSPACE). */
  declare isMissingRoom: boolean;
  /** What its sending was held up by; undefined before the first data. */
  chronograph: Chronograph | undefined;
  /** Tells the socket that something changed; undefined while nobody holds the connection. */
  holder: Wakeable | undefined;

  // Retransmission and persistence
  /** How often the RTO is doubled (RFC 6298 §5.5); a new round trip measured ends that. */
  declare backoff: number;
  /** Consecutive timeouts without progress. */
  declare timeouts: number;
  /** F-RTO is judging the last timeout. */
  declare forwardRto: boolean;
  /** All segments sent again, and how many of them the peer reported as duplicates. */
  declare retransmissions: number;
  declare duplicatesReported: number;
  /** The SACK block looked at last: what it covers need not be looked at again. */
  declare sackSeen: SackBlock | undefined;
  /** The timestamp echo of the ACK being dealt with; 0 for none. */
  lastEcho = 0;
  ecn = NO_ECN;
  /** Since when patience is measured: the first retransmission of these timeouts, or the SYN; meaningful while there are any. */
  declare stalledSince: Nanos | undefined;
  declare probesOut: number;
  /** When the first of the unanswered window probes was due. */
  declare probingSince: Nanos | undefined;
  /** When the peer last said anything acceptable. */
  lastHeardAt: Jiffies = 0;
  declare persistBackoff: number;
  lastSentAt: Jiffies = 0;
  declare lastOutOfWindowAckAt: Nanos | undefined;
  /** The yes-or-no facts among all these, and what most connections never know. */
  bits = 0;
  rare: Rare | undefined;

  constructor(host: Host, ends: Ends, settings: SocketSettings, born: TcpState) {
    super();
    this.host = host;
    this.id = host.nextConnectionId();
    this.localAddress = ends.localAddress;
    this.localPort = ends.localPort;
    this.remoteAddress = ends.remoteAddress;
    this.remotePort = ends.remotePort;
    this.settings = settings;
    this.receiveBuffer = settings.receiveBuffer;
    this.sendBuffer = settings.sendBuffer;
    this.state = born;
    this.congestion = new CongestionWindow(settings.congestionControl);
    this.rack = new Rack(host.sysctls.now['net.ipv4.tcp_reordering']);
    this.acks = new AckScheduler(this);
    this.timers = new Timers(this);
  }

  /** Octets of sequence space sent and not acknowledged. */
  get flightOctets(): number {
    return seqDistance(this.sndUna, this.sndNxt);
  }

  /** What is left of the window last advertised, now that rcvNxt has moved on. */
  get receiveWindow(): number {
    return Math.max(0, this.rcvWnd - seqDistance(this.rcvWup, this.rcvNxt));
  }

  /** First number the peer does not allow. */
  get windowEnd(): SeqNum {
    return seq(this.sndUna + this.sndWnd);
  }
}

bitProperties(Tcb.prototype, [
  'hasWindowScale',
  'hasTimestamps',
  'hasSack',
  'finQueued',
  'finSent',
  'readClosed',
  'endOfStream',
  'orphan',
  'synDataTaken',
  'handshakeDone',
  'writePending',
  'isMissingRoom',
  'forwardRto',
]);

rareProperties(Tcb.prototype, {
  urgentEnd: undefined,
  urgent: undefined,
  error: undefined,
  errorQueue: undefined,
  notices: undefined,
  pacer: undefined,
  fastOpenOption: undefined,
  fastOpenAttempt: undefined,
  fastOpen: undefined,
  softError: undefined,
  sackSeen: undefined,
  stalledSince: undefined,
  probingSince: undefined,
  lastOutOfWindowAckAt: undefined,
  backoff: 0,
  timeouts: 0,
  retransmissions: 0,
  duplicatesReported: 0,
  probesOut: 0,
  persistBackoff: 0,
});
