import { INITIAL_WINDOW, NO_THRESHOLD } from '../../engine/tcp/congestion/window.ts';
import { tcpInfo } from '../../engine/tcp/info.ts';
import type { Tcb } from '../../engine/tcp/tcb.ts';

/** Names that stand for numbers in a script's code. */
export const TCP_INFO_CONSTANTS: Readonly<Record<string, number>> = {
  TCP_ESTABLISHED: 1,
  TCP_SYN_SENT: 2,
  TCP_SYN_RECV: 3,
  TCP_FIN_WAIT1: 4,
  TCP_FIN_WAIT2: 5,
  TCP_TIME_WAIT: 6,
  TCP_CLOSE: 7,
  TCP_CLOSE_WAIT: 8,
  TCP_LAST_ACK: 9,
  TCP_LISTEN: 10,
  TCP_CLOSING: 11,
  TCP_CA_Open: 0,
  TCP_CA_Disorder: 1,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: 3,
  TCP_CA_Loss: 4,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
  TCPI_OPT_ECN_SEEN: 16,
  TCPI_OPT_SYN_DATA: 32,
  TCP_INFINITE_SSTHRESH: NO_THRESHOLD,
};

/** What getsockopt(TCP_INFO) tells; in tcpi_fackets Linux says nothing any more. */
export const infoOf = (tcb: Tcb): Readonly<Record<string, number>> => ({ ...tcpInfo(tcb), tcpi_fackets: 0 });

/** Of a socket without a connection. */
export const CLOSED_INFO: Readonly<Record<string, number>> = {
  tcpi_state: TCP_INFO_CONSTANTS.TCP_CLOSE!,
  tcpi_ca_state: 0,
  tcpi_options: 0,
  tcpi_unacked: 0,
  tcpi_sacked: 0,
  tcpi_lost: 0,
  tcpi_retrans: 0,
  tcpi_snd_ssthresh: NO_THRESHOLD,
  tcpi_snd_cwnd: INITIAL_WINDOW,
};
