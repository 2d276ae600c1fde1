import type { Sysctls } from '../sysctls.ts';

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
  maxSegment: undefined,
});
