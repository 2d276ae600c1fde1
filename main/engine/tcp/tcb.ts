import type { TcpState } from '../../tcp-model/states.ts';
import type { IpAddress } from '../../wire/ip-address.ts';
import type { SackBlock } from '../../wire/segment.ts';
import { type SeqNum, seq, seqDistance } from '../../wire/seq.ts';
import { ms, type Nanos } from '../../wire/units.ts';
import type { Host } from '../host.ts';
import type { Ends } from '../probes.ts';
import type { ErrnoName } from '../sockets/errno.ts';
import type { ErrorQueue } from '../sockets/error-queue.ts';
import { CongestionWindow } from './congestion/window.ts';
import { AckScheduler } from './delayed-ack.ts';
import type { EcnState } from './ecn.ts';
import type { Listener } from './listener.ts';
import { Rack } from './rack.ts';
import type { ReceiveRate } from './receive-autotune.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { RoundTrip } from './rtt.ts';
import { SendQueue } from './send-queue.ts';
import type { SocketSettings } from './settings.ts';
import type { Stateful } from './state.ts';
import type { TailProbe } from './tail-loss-probe.ts';
import { Timers } from './timers.ts';
import type { UrgentMark } from './urgent.ts';

const ZERO = seq(0);

/**
 * The transmission control block: everything one endpoint knows of one connection (RFC 9293 §3.3.1). The rules live in
 * the files around it, each named for its rule.
 */
export class Tcb implements Stateful {
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

  // Send sequence space (RFC 9293 §3.3.1)
  iss = ZERO;
  sndUna = ZERO;
  sndNxt = ZERO;
  sndWnd = 0;
  /** Segment sequence and acknowledgment numbers of the last window update. */
  sndWl1 = ZERO;
  /** The largest window the peer ever offered. */
  maxWindow = 0;
  /** End of the latest segment sent that was smaller than the MSS (Minshall's refinement of Nagle, as Linux has it). */
  sndSml = ZERO;

  // Receive sequence space
  irs = ZERO;
  rcvNxt = ZERO;
  /** The window as last advertised, and the rcvNxt it was advertised from: its right edge never moves left. */
  rcvWnd = 0;
  rcvWup = ZERO;
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
  hasWindowScale = false;
  hasTimestamps = false;
  hasSack = false;
  /** The peer's latest timestamp, echoed in every segment (RFC 7323 §4.3), and when it came. */
  tsRecent = 0;
  tsRecentAt = 0 as Nanos;
  /** Added to the clock so that timestamps tell nothing about the host's uptime. */
  tsOffset = 0;

  /** Behind the latest octet sent with MSG_OOB (SND.UP of RFC 9293 §3.3.1). */
  urgentEnd: SeqNum | undefined;
  /** What the peer declared urgent (RCV.UP). */
  urgent: UrgentMark | undefined;

  /** How fast the user reads; undefined before the first data. */
  receiveRate: ReceiveRate | undefined;

  readonly sendQueue = new SendQueue();
  readonly receiveQueue = new ReceiveQueue();
  readonly congestion: CongestionWindow;
  readonly rack: Rack;
  readonly tailProbe: TailProbe = { end: undefined, retransmitted: false };
  readonly roundTrip = new RoundTrip();
  readonly acks: AckScheduler;
  readonly timers: Timers;

  /** The user has closed the sending direction; the FIN follows the queued data. */
  finQueued = false;
  finSent = false;
  /** The user will read no more: SHUT_RD, or the socket is closed. */
  readClosed = false;
  /** The peer's FIN was taken: after what is queued comes the end of the stream. */
  endOfStream = false;
  /** No descriptor refers to it any more. */
  orphan = false;
  /** Why it failed, until somebody asks (SO_ERROR). */
  error: ErrnoName | undefined;
  /** What waits for MSG_ERRQUEUE; undefined before the first. */
  errorQueue: ErrorQueue | undefined;
  /** The fast-open option of our next SYN or SYN,ACK: a cookie shown or granted, or, empty, asked for. Not repeated. */
  fastOpenOption: Uint8Array | undefined;
  /** The option is written as before it had a number of its own (RFC 7413 appendix A), because the peer does so. */
  fastOpenExperimental = false;
  /** Data that goes along with our first SYN. */
  synData: Uint8Array | undefined;
  /** We showed or asked for a cookie, so one in the SYN,ACK is for us. */
  fastOpenAsked = false;
  /** The data of a SYN, the peer's or ours, was taken at once (TCPI_OPT_SYN_DATA). */
  synDataTaken = false;
  /** The listener that took the data of the SYN, until the third segment comes (RFC 7413 §4.2.2). */
  fastOpen: Listener | undefined;
  /** When our SYN,ACK left; unknown where it was a cookie. */
  synAckSentAt: Nanos | undefined;
  /** The bare third segment came while the listener waits for data. */
  handshakeDone = false;
  /** What an ICMP error said; not believed by itself, but told should the connection time out. */
  softError: ErrnoName | undefined;
  /** Whose SYN or accept queue holds it. */
  listener: Listener | undefined;
  /** Tells the socket that something changed; undefined while nobody holds the connection. */
  wake: (() => void) | undefined;

  // Retransmission and persistence
  /** How often the RTO is doubled (RFC 6298 §5.5); a new round trip measured ends that. */
  backoff = 0;
  /** Consecutive timeouts without progress. */
  timeouts = 0;
  /** F-RTO is judging the last timeout. */
  forwardRto = false;
  /** All segments sent again, and how many of them the peer reported as duplicates. */
  retransmissions = 0;
  duplicatesReported = 0;
  /** The SACK block looked at last: what it covers need not be looked at again. */
  sackSeen: SackBlock | undefined;
  /** The timestamp echo of the ACK being dealt with; 0 for none. */
  lastEcho = 0;
  readonly ecn: EcnState = { agreed: false, echoing: false, announcing: false, seen: false };
  /** When the first of these timeouts' segments was first sent. */
  stalledSince = 0 as Nanos;
  probesOut = 0;
  /** When the first of the unanswered window probes was due. */
  probingSince: Nanos | undefined;
  /** When the peer last said anything acceptable. */
  lastHeardAt = 0 as Nanos;
  persistBackoff = 0;
  lastSentAt = 0 as Nanos;
  lastOutOfWindowAckAt = -ms(1e6) as Nanos;

  constructor(host: Host, ends: Ends, settings: SocketSettings, born: TcpState) {
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
    this.rack = new Rack(host.sysctls.get('net.ipv4.tcp_reordering'));
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
