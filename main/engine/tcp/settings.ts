import type { Sysctls } from '../sysctls.ts';
import type { CongestionControlName } from './congestion/control.ts';
import type { FastOpenKey } from './fast-open.ts';

/** How the path MTU is found out (ip(7)): DF never, as the path allows, always, or always and whatever the path is said to carry. */
export type MtuDiscovery = 'IP_PMTUDISC_DONT' | 'IP_PMTUDISC_WANT' | 'IP_PMTUDISC_DO' | 'IP_PMTUDISC_PROBE';

/**
 * Socket options that shape a connection. They are a value: all sockets on which nobody set anything share one, a
 * connection has that of its socket or of the listener it came from, and setsockopt puts another value in its place.
 */
export interface SocketSettings {
  /** SO_REUSEADDR */
  readonly reuseAddress: boolean;
  /** TCP_NODELAY */
  readonly noDelay: boolean;
  /** SO_LINGER in seconds; undefined is off. */
  readonly linger: number | undefined;
  /** SO_RCVBUF as getsockopt tells it, twice what was asked, half of it for bookkeeping; what a connection begins with. */
  readonly receiveBuffer: number;
  /** SO_SNDBUF likewise. */
  readonly sendBuffer: number;
  /** Set by the user, so it no longer grows with the congestion window. */
  readonly sendBufferLocked: boolean;
  /** TCP_SYNCNT; undefined follows tcp_syn_retries and tcp_synack_retries. */
  readonly synRetries: number | undefined;
  /** TCP_DEFER_ACCEPT, in timeouts of the SYN,ACK; 0 is off. */
  readonly deferAccept: number;
  /** TCP_QUICKACK taken away before there was a connection to tell. */
  readonly opensInteractive: boolean;
  /** TCP_CONGESTION */
  readonly congestionControl: CongestionControlName;
  /** IP_MTU_DISCOVER */
  readonly mtuDiscovery: MtuDiscovery;
  /** IP_TTL or IPV6_UNICAST_HOPS; undefined is the usual 64. */
  readonly hops: number | undefined;
  /** SO_RCVTIMEO, SO_SNDTIMEO in milliseconds: how long a call waits; infinite is for ever. */
  readonly receiveTimeout: number;
  readonly sendTimeout: number;
  /** IP_TOS, and IPV6_TCLASS: what the IP header says of the wanted service (RFC 2474), for each version of IP. */
  readonly typeOfService: number;
  readonly trafficClass: number;
  /** SO_BROADCAST */
  readonly broadcast: boolean;
  /** SO_TIMESTAMP: recvmsg tells when a datagram came. */
  readonly receiveStamps: boolean;
  /** TCP_INQ: recvmsg tells how much more there is. */
  readonly tellInput: boolean;
  /** SO_REUSEPORT */
  readonly reusePort: boolean;
  /** IPV6_V6ONLY */
  readonly ipv6Only: boolean;
  /** IP_RECVERR, IPV6_RECVERR */
  readonly receiveErrors: boolean;
  readonly receiveErrors6: boolean;
  /** SO_KEEPALIVE */
  readonly keepAlive: boolean;
  /** TCP_KEEPIDLE, TCP_KEEPINTVL in seconds, TCP_KEEPCNT; undefined follows the sysctls tcp_keepalive_*. */
  readonly keepIdle: number | undefined;
  readonly keepInterval: number | undefined;
  readonly keepCount: number | undefined;
  /** TCP_USER_TIMEOUT in milliseconds; 0 is off. */
  readonly userTimeout: number;
  /** TCP_LINGER2 in seconds: an orphan's time in FIN-WAIT-2; -1 none at all; undefined follows tcp_fin_timeout. */
  readonly finWait2: number | undefined;
  /** SO_OOBINLINE */
  readonly oobInline: boolean;
  /** TCP_CORK */
  readonly cork: boolean;
  /** TCP_NOTSENT_LOWAT in octets; undefined follows tcp_notsent_lowat. */
  readonly notSentLowWater: number | undefined;
  /** SO_RCVLOWAT in octets: a read waits for so many. */
  readonly receiveLowWater: number;
  /** Set by the user with SO_RCVBUF, so it no longer follows what is read. */
  readonly receiveBufferLocked: boolean;
  /** TCP_WINDOW_CLAMP in octets; undefined is off. */
  readonly windowClamp: number | undefined;
  /** TCP_FASTOPEN: how many connections may wait for their third segment with data already taken; 0 is off. */
  readonly fastOpenQueue: number;
  /** TCP_FASTOPEN_CONNECT */
  readonly fastOpenConnect: boolean;
  /** TCP_FASTOPEN_NO_COOKIE */
  readonly fastOpenWithoutCookie: boolean;
  /** TCP_FASTOPEN_KEY; undefined is the host's own. */
  readonly fastOpenKeys: readonly FastOpenKey[] | undefined;
  /** SO_MAX_PACING_RATE in octets a second; undefined: not paced. */
  readonly maxPacingRate: number | undefined;
  /** SO_ZEROCOPY */
  readonly zeroCopy: boolean;
  /** SO_TIMESTAMPING: a union of SOF_TIMESTAMPING_* bits. */
  readonly timestamping: number;
  /** SO_MARK: kept and told; routing here does not ask for it. */
  readonly mark: number;
  /** TCP_MAXSEG; undefined follows the link. */
  readonly maxSegment: number | undefined;
}

/** What new sockets of a host begin with: one value for all, made anew when a tunable has changed. */
export class DefaultSettings {
  private readonly sysctls: Sysctls;
  private changes = -1;
  private streams!: SocketSettings;
  private others!: SocketSettings;

  constructor(sysctls: Sysctls) {
    this.sysctls = sysctls;
  }

  /** Of a TCP socket. */
  get ofStreams(): SocketSettings {
    this.follow();
    return this.streams;
  }

  /** Of UDP and AF_UNIX. */
  get ofOthers(): SocketSettings {
    this.follow();
    return this.others;
  }

  private follow(): void {
    const { sysctls } = this;
    if (this.changes === sysctls.changes) return;
    this.changes = sysctls.changes;
    this.streams = streamSettings(sysctls);
    const [receiveBuffer, sendBuffer] = [sysctls.now['net.core.rmem_default'], sysctls.now['net.core.wmem_default']];
    this.others = { ...this.streams, receiveBuffer, sendBuffer };
  }
}

const streamSettings = (sysctls: Sysctls): SocketSettings => ({
  reuseAddress: false,
  noDelay: false,
  linger: undefined,
  receiveBuffer: sysctls.now['net.ipv4.tcp_rmem'][1]!,
  sendBuffer: sysctls.now['net.ipv4.tcp_wmem'][1]!,
  sendBufferLocked: false,
  synRetries: undefined,
  deferAccept: 0,
  opensInteractive: false,
  congestionControl: sysctls.now['net.ipv4.tcp_congestion_control'],
  mtuDiscovery: sysctls.now['net.ipv4.ip_no_pmtu_disc'] === 0 ? 'IP_PMTUDISC_WANT' : 'IP_PMTUDISC_DONT',
  hops: undefined,
  typeOfService: 0,
  trafficClass: 0,
  receiveTimeout: Number.POSITIVE_INFINITY,
  sendTimeout: Number.POSITIVE_INFINITY,
  broadcast: false,
  receiveStamps: false,
  tellInput: false,
  reusePort: false,
  ipv6Only: sysctls.now['net.ipv6.bindv6only'] !== 0,
  receiveErrors: false,
  receiveErrors6: false,
  keepAlive: false,
  keepIdle: undefined,
  keepInterval: undefined,
  keepCount: undefined,
  userTimeout: 0,
  finWait2: undefined,
  oobInline: false,
  cork: false,
  notSentLowWater: undefined,
  receiveLowWater: 1,
  receiveBufferLocked: false,
  windowClamp: undefined,
  fastOpenQueue: 0,
  fastOpenConnect: false,
  fastOpenWithoutCookie: false,
  fastOpenKeys: undefined,
  maxPacingRate: undefined,
  zeroCopy: false,
  timestamping: 0,
  mark: 0,
  maxSegment: undefined,
});
