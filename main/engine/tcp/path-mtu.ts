import type { IcmpError } from '../icmp/arrive.ts';
import { learnPathMtu } from '../ip/path-mtu.ts';
import { linkMss } from './options.ts';
import type { Tcb } from './tcb.ts';
import { put } from './transmit.ts';

const TIMESTAMPS_OCTETS = 12;

/**
 * Path MTU discovery (RFC 1191 §6.4, RFC 8201 §5.4): a router could not pass on a segment of ours. From now on segments
 * are as small as it says, and those that were too large go again at once. The congestion window stays as it is: nothing
 * was lost to congestion.
 */
export function pathIsNarrower(tcb: Tcb, { mtu = 0 }: IcmpError): void {
  if (tcb.settings.mtuDiscovery === 'IP_PMTUDISC_DONT') return;
  learnPathMtu(tcb.host, tcb.remoteAddress, mtu);
  const least = tcb.host.sysctls.get('net.ipv4.tcp_min_snd_mss');
  const mss = Math.max(linkMss(tcb), least) - (tcb.hasTimestamps ? TIMESTAMPS_OCTETS : 0);
  if (mss >= tcb.mss) return;
  tcb.mss = mss;
  for (const segment of [...tcb.sendQueue.sent]) if (!segment.sacked && segment.payload.length > mss) put(tcb, segment, 'retransmission');
}
