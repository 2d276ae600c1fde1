import type { Sysctls } from '../sysctls.ts';
import type { CongestionControlName } from './congestion/control.ts';
import type { FastOpenKey } from './fast-open.ts';

/** How the path MTU is found out (ip(7)): DF never, as the path allows, always, or always and whatever the path is said to carry. */
export type MtuDiscovery = 'IP_PMTUDISC_DONT' | 'IP_PMTUDISC_WANT' | 'IP_PMTUDISC_DO' | 'IP_PMTUDISC_PROBE';

/** Socket options that shape a connection; a connection taken from a listener inherits the listener's. */
export interface SocketSettings {
  /** SO_REUSEADDR */
  reuseAddress: boolean;
  /** TCP_NODELAY */
  noDelay: boolean;
  /** SO_LINGER in seconds; undefined is off. */
  linger: number | undefined;
  /** SO_RCVBUF as getsockopt tells it: twice what was asked, half of it for bookkeeping. */
  receiveBuffer: number;
  /** SO_SNDBUF likewise. */
  sendBuffer: number;
  /** Set by the user, so it no longer grows with the congestion window. */
  sendBufferLocked: boolean;
  /** TCP_SYNCNT; undefined follows tcp_syn_retries and tcp_synack_retries. */
  synRetries: number | undefined;
  /** TCP_DEFER_ACCEPT, in timeouts of the SYN,ACK; 0 is off. */
  deferAccept: number;
  /** TCP_QUICKACK taken away before there was a connection to tell. */
  opensInteractive: boolean;
  /** TCP_CONGESTION */
  congestionControl: CongestionControlName;
  /** IP_MTU_DISCOVER */
  mtuDiscovery: MtuDiscovery;
  /** IP_TTL or IPV6_UNICAST_HOPS; undefined is the usual 64. */
  hops: number | undefined;
  /** SO_REUSEPORT */
  reusePort: boolean;
  /** IPV6_V6ONLY */
  ipv6Only: boolean;
  /** SO_KEEPALIVE */
  keepAlive: boolean;
  /** TCP_KEEPIDLE, TCP_KEEPINTVL in seconds, TCP_KEEPCNT; undefined follows the sysctls tcp_keepalive_*. */
  keepIdle: number | undefined;
  keepInterval: number | undefined;
  keepCount: number | undefined;
  /** TCP_USER_TIMEOUT in milliseconds; 0 is off. */
  userTimeout: number;
  /** TCP_LINGER2 in seconds: an orphan's time in FIN-WAIT-2; -1 none at all; undefined follows tcp_fin_timeout. */
  finWait2: number | undefined;
  /** SO_OOBINLINE */
  oobInline: boolean;
  /** TCP_CORK */
  cork: boolean;
  /** TCP_NOTSENT_LOWAT in octets; undefined follows tcp_notsent_lowat. */
  notSentLowWater: number | undefined;
  /** SO_RCVLOWAT in octets: a read waits for so many. */
  receiveLowWater: number;
  /** Set by the user with SO_RCVBUF, so it no longer follows what is read. */
  receiveBufferLocked: boolean;
  /** TCP_WINDOW_CLAMP in octets; undefined is off. */
  windowClamp: number | undefined;
  /** TCP_FASTOPEN: how many connections may wait for their third segment with data already taken; 0 is off. */
  fastOpenQueue: number;
  /** TCP_FASTOPEN_CONNECT */
  fastOpenConnect: boolean;
  /** TCP_FASTOPEN_NO_COOKIE */
  fastOpenWithoutCookie: boolean;
  /** TCP_FASTOPEN_KEY; undefined is the host's own. */
  fastOpenKeys: readonly FastOpenKey[] | undefined;
  /** TCP_MAXSEG; undefined follows the link. */
  maxSegment: number | undefined;
}

export const defaultSettings = (sysctls: Sysctls): SocketSettings => ({
  reuseAddress: false,
  noDelay: false,
  linger: undefined,
  receiveBuffer: sysctls.get('net.ipv4.tcp_rmem')[1]!,
  sendBuffer: sysctls.get('net.ipv4.tcp_wmem')[1]!,
  sendBufferLocked: false,
  synRetries: undefined,
  deferAccept: 0,
  opensInteractive: false,
  congestionControl: sysctls.get('net.ipv4.tcp_congestion_control'),
  mtuDiscovery: sysctls.get('net.ipv4.ip_no_pmtu_disc') === 0 ? 'IP_PMTUDISC_WANT' : 'IP_PMTUDISC_DONT',
  hops: undefined,
  reusePort: false,
  ipv6Only: sysctls.get('net.ipv6.bindv6only') !== 0,
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
  maxSegment: undefined,
});
