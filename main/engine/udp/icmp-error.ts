import type { Host } from '../host.ts';
import type { IcmpError } from '../icmp/arrive.ts';
import type { Quoted } from '../icmp/quoted.ts';
import { learnPathMtu } from '../ip/path-mtu.ts';

/**
 * An ICMP error about a datagram of ours. Only a connected socket hears of it, and only of what is final: another would
 * not know which of its datagrams it is about (RFC 1122 §4.1.3.3; Linux udp_err without IP_RECVERR).
 */
export function udpError(host: Host, { src, srcPort, dst, dstPort }: Quoted, { errno, fatal, mtu }: IcmpError): void {
  if (mtu !== undefined) learnPathMtu(host, dst, mtu);
  const endpoint = host.udp.find(src, srcPort, dst, dstPort);
  if (endpoint?.remoteAddress === undefined) return;
  if (!fatal && mtu === undefined) return;
  endpoint.error = errno;
  endpoint.wake?.();
}
