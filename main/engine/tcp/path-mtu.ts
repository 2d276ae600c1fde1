import type { IcmpError } from '../icmp/arrive.ts';
import { learnPathMtu } from '../ip/path-mtu.ts';
import { resendWithoutCongestion } from './congestion-free-loss.ts';
import { octetsOnSyn } from './fast-open-client.ts';
import { linkMss, TIMESTAMPS_OCTETS } from './options.ts';
import type { Tcb } from './tcb.ts';

/**
 * Path MTU discovery (RFC 1191 §6.4, RFC 8201 §5.4): a router could not pass on a segment of ours. From now on segments
 * are as small as it says, and those that were too large go again at once. The congestion window stays as it is: nothing
 * was lost to congestion.
 */
export function pathIsNarrower(tcb: Tcb, { mtu = 0 }: IcmpError): void {
  if (tcb.settings.mtuDiscovery === 'IP_PMTUDISC_DONT') return;
  learnPathMtu(tcb.host, tcb.remoteAddress, mtu);
  if (tcb.state === 'SYN-SENT') narrowSyn(tcb);
  else narrowSegments(tcb);
}

function narrowSegments(tcb: Tcb): void {
  const { sent } = tcb.sendQueue;
  const least = tcb.host.sysctls.now['net.ipv4.tcp_min_snd_mss'];
  const mss = Math.max(linkMss(tcb), least) - (tcb.hasTimestamps ? TIMESTAMPS_OCTETS : 0);
  if (mss >= tcb.mss) return;
  tcb.mss = mss;
  for (const segment of sent) if (segment.payload.length > mss) sent.lose(segment);
  if (sent.lostOut > 0) resendWithoutCongestion(tcb);
}

/** A SYN with data was too large; it goes again without, and says the smaller MSS. A bare one fits every path. */
function narrowSyn(tcb: Tcb): void {
  const { sent } = tcb.sendQueue;
  const mss = linkMss(tcb);
  if (mss >= tcb.advertisedMss) return;
  tcb.advertisedMss = mss;
  if (octetsOnSyn(tcb) === 0) return;
  for (const segment of sent) sent.lose(segment);
  resendWithoutCongestion(tcb);
}
