import { INITIAL_WINDOW, NO_THRESHOLD, type Phase } from '../../engine/tcp/congestion/window.ts';
import type { Tcb } from '../../engine/tcp/tcb.ts';
import type { TcpState } from '../../tcp-model/states.ts';

/** Linux's numbers (include/net/tcp_states.h). */
const STATES: Readonly<Record<TcpState, number>> = {
  ESTABLISHED: 1,
  'SYN-SENT': 2,
  'SYN-RECEIVED': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  CLOSED: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
};
const PHASES: Readonly<Record<Phase, number>> = { open: 0, disorder: 1, cwr: 2, recovery: 3, loss: 4 };
const OPTION = { TIMESTAMPS: 1, SACK: 2, WSCALE: 4, ECN: 8, ECN_SEEN: 16, SYN_DATA: 32 };

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
  TCPI_OPT_TIMESTAMPS: OPTION.TIMESTAMPS,
  TCPI_OPT_SACK: OPTION.SACK,
  TCPI_OPT_WSCALE: OPTION.WSCALE,
  TCPI_OPT_ECN: OPTION.ECN,
  TCPI_OPT_ECN_SEEN: OPTION.ECN_SEEN,
  TCPI_OPT_SYN_DATA: OPTION.SYN_DATA,
  TCP_INFINITE_SSTHRESH: NO_THRESHOLD,
};

const inMicros = (span: number): number => Math.round(span / 1e3);
const inMillis = (span: number): number => Math.floor(span / 1e6);

/** What getsockopt(TCP_INFO) tells, by the field's names (Linux include/uapi/linux/tcp.h); fields the engine does not keep are left out. */
export function tcpInfo(tcb: Tcb): Readonly<Record<string, number>> {
  const { congestion, roundTrip, sendQueue, host, rack } = tcb;
  const { sent } = sendQueue;
  const options =
    (tcb.hasTimestamps ? OPTION.TIMESTAMPS : 0) |
    (tcb.hasSack ? OPTION.SACK : 0) |
    (tcb.hasWindowScale ? OPTION.WSCALE : 0) |
    (tcb.ecn.agreed ? OPTION.ECN : 0) |
    (tcb.ecn.seen ? OPTION.ECN_SEEN : 0) |
    (tcb.synDataTaken ? OPTION.SYN_DATA : 0);
  const since = (then: number): number => inMillis(host.clock.now - then);
  return {
    tcpi_state: STATES[tcb.state],
    tcpi_ca_state: PHASES[congestion.phase],
    tcpi_retransmits: tcb.timeouts,
    tcpi_probes: tcb.probesOut,
    tcpi_backoff: tcb.backoff,
    tcpi_options: options,
    tcpi_snd_wscale: tcb.sndWindScale,
    tcpi_rcv_wscale: tcb.rcvWindScale,
    tcpi_rto: inMicros(roundTrip.rto),
    tcpi_snd_mss: tcb.mss,
    tcpi_unacked: sent.length,
    tcpi_sacked: sent.sackedOut,
    tcpi_lost: sent.lostOut,
    tcpi_retrans: sent.resentOut,
    tcpi_fackets: 0,
    tcpi_rtt: inMicros(roundTrip.srtt),
    tcpi_rttvar: inMicros(roundTrip.rttvar),
    tcpi_snd_ssthresh: congestion.ssthresh,
    tcpi_snd_cwnd: congestion.cwnd,
    tcpi_rcv_mss: tcb.acks.peerMss,
    tcpi_advmss: tcb.advertisedMss,
    tcpi_reordering: rack.reordering,
    tcpi_total_retrans: tcb.retransmissions,
    tcpi_notsent_bytes: sendQueue.unsent,
    tcpi_delivered: rack.delivered,
    tcpi_last_data_sent: since(tcb.lastSentAt),
    tcpi_last_ack_recv: since(tcb.lastHeardAt),
  };
}

/** Of a socket without a connection. */
export const CLOSED_INFO: Readonly<Record<string, number>> = {
  tcpi_state: STATES.CLOSED,
  tcpi_ca_state: 0,
  tcpi_options: 0,
  tcpi_unacked: 0,
  tcpi_sacked: 0,
  tcpi_lost: 0,
  tcpi_retrans: 0,
  tcpi_snd_ssthresh: NO_THRESHOLD,
  tcpi_snd_cwnd: INITIAL_WINDOW,
};
