import { ipVersionOf } from '../../wire/ip-address.ts';
import { UDP_HEADER } from '../../wire/udp.ts';
import type { Host } from '../host.ts';
import type { IcmpError } from '../icmp/arrive.ts';
import { queuedError } from '../icmp/queued.ts';
import type { Quoted } from '../icmp/quoted.ts';
import { learnPathMtu } from '../ip/path-mtu.ts';
import type { IcmpPacket } from '../network/packet.ts';
import { queueError } from '../sockets/error-queue.ts';

/**
 * An ICMP error about a datagram of ours. Only a connected socket hears of it, and only of what is final: another would
 * not know which of its datagrams it is about (RFC 1122 §4.1.3.3). With IP_RECVERR every socket hears of everything, for
 * the error queue tells which it was (Linux udp_err).
 */
export function udpError(host: Host, quoted: Quoted, error: IcmpError, packet: IcmpPacket): void {
  const { src, srcPort, dst, dstPort } = quoted;
  const { errno, fatal, mtu } = error;
  if (mtu !== undefined) learnPathMtu(host, dst, mtu);
  const endpoint = host.udp.find(src, srcPort, dst, dstPort);
  if (!endpoint) return;
  const { receiveErrors, receiveErrors6, receiveBuffer } = endpoint.settings;
  if (ipVersionOf(src) === 4 ? receiveErrors : receiveErrors6)
    queueError(endpoint, queuedError(packet, error, quoted, UDP_HEADER), receiveBuffer);
  else if (endpoint.remoteAddress === undefined || (!fatal && mtu === undefined)) return;
  endpoint.error = errno;
  endpoint.holder?.wake();
}
