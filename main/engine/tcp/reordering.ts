import { type SeqNum, seqBefore, seqDistance } from '../../wire/seq.ts';
import type { Tcb } from './tcb.ts';

/**
 * How far packets overtake each other on this path, in segments (Linux tcp_check_sack_reordering): `from` arrived after
 * `highest` had. RACK gives packets more time from then on.
 */
export function noteReordering(tcb: Tcb, from: SeqNum, highest: SeqNum | undefined, byTimestamp = false): void {
  if (highest === undefined || !seqBefore(from, highest)) return;
  const { rack, host } = tcb;
  const segments = Math.ceil(seqDistance(from, highest) / tcb.mss);
  rack.reordering = Math.max(rack.reordering, Math.min(segments, host.sysctls.now['net.ipv4.tcp_max_reordering']));
  rack.reorderings++;
  host.counters.add(byTimestamp ? 'TCPTSReorder' : 'TCPSACKReorder');
}
