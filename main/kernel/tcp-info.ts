import type { KernelSocket } from './socket.ts';
import { socketOption } from './socket-options.ts';

/** Fields of `struct tcp_info` (linux/tcp.h) after its eight octets of states and bits, in order, with their octets. */
const FIELDS: readonly (readonly [octets: 2 | 4 | 8, names: string])[] = [
  [4, 'rto ato snd_mss rcv_mss unacked sacked lost retrans fackets'],
  [4, 'last_data_sent last_ack_sent last_data_recv last_ack_recv'],
  [4, 'pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans'],
  [8, 'pacing_rate max_pacing_rate bytes_acked bytes_received'],
  [4, 'segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out'],
  [8, 'delivery_rate busy_time rwnd_limited sndbuf_limited'],
  [4, 'delivered delivered_ce'],
  [8, 'bytes_sent bytes_retrans'],
  [4, 'dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash'],
  [2, 'total_rto total_rto_recoveries'],
  [4, 'total_rto_time'],
];

const PLACES = FIELDS.flatMap(([octets, names]) => names.split(' ').map((name) => ({ octets, name: `tcpi_${name}` as const })));
const BITS = 8;

/** TCP_INFO by Linux's names; an older kernel tells less. Empty for what is no socket of TCP. */
export function kernelTcpInfo(socket: KernelSocket): Readonly<Record<string, number>> {
  const given = socketOption(socket, 'TCP_INFO');
  return given.ok && given.value instanceof Uint8Array ? tcpInfoIn(given.value) : {};
}

/** `struct tcp_info` by Linux's names, as far as it is there. */
export function tcpInfoIn(octets: Uint8Array): Readonly<Record<string, number>> {
  if (octets.length < BITS) return {};
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const [state, caState, retransmits, probes, backoff, options, scales, limits] = octets as unknown as Octets;
  const info: Record<string, number> = {
    tcpi_state: state,
    tcpi_ca_state: caState,
    tcpi_retransmits: retransmits,
    tcpi_probes: probes,
    tcpi_backoff: backoff,
    tcpi_options: options,
    tcpi_snd_wscale: scales & 0x0f,
    tcpi_rcv_wscale: scales >> 4,
    tcpi_delivery_rate_app_limited: limits & 0x01,
    tcpi_fastopen_client_fail: (limits >> 1) & 0x03,
  };
  let at = BITS;
  for (const { octets: size, name } of PLACES) {
    if (at + size > octets.length) return info;
    info[name] = size === 8 ? Number(view.getBigUint64(at, true)) : size === 4 ? view.getUint32(at, true) : view.getUint16(at, true);
    at += size;
  }
  return info;
}

type Octets = readonly [number, number, number, number, number, number, number, number];
