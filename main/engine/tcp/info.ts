import type { TcpState } from '../../tcp-model/states.ts';
import type { Nanos } from '../../wire/units.ts';
import { jiffies, nanosSince } from '../jiffies.ts';
import type { Listener } from './listener.ts';
import { backedOff } from './rtt.ts';
import type { Tcb } from './tcb.ts';

/** Numbers of the states in TCP_INFO (Linux include/net/tcp_states.h). */
export const STATE_NUMBERS: Readonly<Record<TcpState, number>> = {
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

/** TCP_CA_Open and so on. */
const CA_STATES = ['open', 'disorder', 'cwr', 'recovery', 'loss'];
/** TCPI_OPT_TIMESTAMPS, _SACK, _WSCALE, _ECN, _ECN_SEEN, _SYN_DATA. */
const OptionBit = { timestamps: 1, sack: 2, windowScale: 4, ecn: 8, ecnSeen: 16, synData: 32 } as const;
const UNKNOWN_MIN_RTT = 0xffff_ffff;

const micros = (span: number): number => Math.round(span / 1e3);
const millis = (span: number): number => Math.floor(span / 1e6);

/** getsockopt(TCP_INFO): fields of Linux's struct tcp_info; round trips, timeouts and what limited the sender in microseconds, `last_` in milliseconds. */
export type TcpInfo = ReturnType<typeof tcpInfo>;

export function tcpInfo(tcb: Tcb) {
  const { congestion, roundTrip, rack, host, ecn, acks, sendQueue } = tcb;
  const { sent } = sendQueue;
  const { now } = host.clock;
  const held = tcb.chronograph?.read(jiffies(now));
  return {
    tcpi_state: STATE_NUMBERS[tcb.state],
    tcpi_ca_state: CA_STATES.indexOf(congestion.phase),
    tcpi_retransmits: tcb.timeouts,
    tcpi_probes: tcb.probesOut,
    tcpi_backoff: Math.max(tcb.backoff, tcb.persistBackoff),
    tcpi_options:
      (tcb.hasTimestamps ? OptionBit.timestamps : 0) |
      (tcb.hasSack ? OptionBit.sack : 0) |
      (tcb.hasWindowScale ? OptionBit.windowScale : 0) |
      (ecn.agreed ? OptionBit.ecn : 0) |
      (ecn.seen ? OptionBit.ecnSeen : 0) |
      (tcb.synDataTaken ? OptionBit.synData : 0),
    tcpi_snd_wscale: tcb.sndWindScale,
    tcpi_rcv_wscale: tcb.rcvWindScale,
    tcpi_rto: micros(backedOff(roundTrip.rto, tcb.backoff)),
    tcpi_ato: micros(acks.delay),
    tcpi_snd_mss: tcb.mss,
    tcpi_rcv_mss: acks.peerMss,
    tcpi_unacked: sent.length,
    tcpi_sacked: sent.sackedOut,
    tcpi_lost: sent.lostOut,
    tcpi_retrans: sent.resentOut,
    tcpi_last_data_sent: millis(nanosSince(tcb.lastSentAt, now)),
    tcpi_last_data_recv: millis(nanosSince(acks.lastDataAt, now)),
    tcpi_last_ack_recv: millis(nanosSince(tcb.lastHeardAt, now)),
    tcpi_pmtu: host.mtuTowards(tcb.remoteAddress),
    tcpi_rcv_ssthresh: tcb.rcvWindowLimit,
    tcpi_rtt: micros(roundTrip.srtt),
    tcpi_rttvar: micros(roundTrip.rttvar / 4),
    tcpi_snd_ssthresh: congestion.ssthresh,
    tcpi_snd_cwnd: congestion.cwnd,
    tcpi_advmss: tcb.advertisedMss,
    tcpi_reordering: rack.reordering,
    tcpi_rcv_rtt: micros(tcb.receiveRate?.roundTrip ?? (0 as Nanos)),
    tcpi_rcv_space: tcb.receiveRate?.octets ?? 0,
    tcpi_total_retrans: tcb.retransmissions,
    tcpi_notsent_bytes: sendQueue.unsent,
    tcpi_min_rtt: Number.isFinite(roundTrip.minimum) ? micros(roundTrip.minimum) : UNKNOWN_MIN_RTT,
    tcpi_busy_time: 1000 * (held?.busy ?? 0),
    tcpi_rwnd_limited: 1000 * (held?.receiveWindow ?? 0),
    tcpi_sndbuf_limited: 1000 * (held?.sendBuffer ?? 0),
    tcpi_delivered: rack.delivered,
    tcpi_reord_seen: rack.reorderings,
    tcpi_snd_wnd: tcb.sndWnd,
    tcpi_rcv_wnd: tcb.receiveWindow,
  };
}

/** Of a listener: how many wait for accept(), and how many may (Linux reports the accept queue in these two). */
export const listenerInfo = (listener: Listener): Pick<TcpInfo, 'tcpi_state' | 'tcpi_unacked' | 'tcpi_sacked'> => ({
  tcpi_state: STATE_NUMBERS[listener.state],
  tcpi_unacked: listener.acceptQueue.length,
  tcpi_sacked: listener.limit,
});
