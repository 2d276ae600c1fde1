import type { Host } from '../host.ts';
import { sendIcmpError } from '../icmp/errors.ts';
import { isBroadcast } from '../ip/addresses.ts';
import type { UdpPacket } from '../network/packet.ts';
import type { UdpEndpoint } from './udp-endpoint.ts';

/**
 * A datagram arrives (RFC 1122 §4.1.3.1): into the queue of whoever has the port, or an ICMP port unreachable in answer.
 * What is for all of a network goes to everybody who has the port.
 */
export function udpArrive(host: Host, packet: UdpPacket): void {
  const { src, dst, datagram } = packet;
  if (isBroadcast(dst, host.addresses)) {
    for (const endpoint of host.udp.all(dst, datagram.dstPort, src, datagram.srcPort)) give(host, endpoint, packet);
    return;
  }
  const endpoint = host.udp.find(dst, datagram.dstPort, src, datagram.srcPort);
  if (endpoint) give(host, endpoint, packet);
  else {
    host.counters.add('NoPorts');
    host.discard(packet, 'no-socket');
    sendIcmpError(host, packet, { kind: 'no-port' });
  }
}

function give(host: Host, endpoint: UdpEndpoint, packet: UdpPacket): void {
  const { src, datagram } = packet;
  const waiting = { octets: datagram.payload.slice(), address: src, port: datagram.srcPort, at: host.clock.now };
  if (endpoint.readClosed || endpoint.enqueue(waiting)) {
    host.counters.add('InDatagrams');
    return;
  }
  // Nobody is told: UDP promises nothing.
  host.counters.add('InErrors');
  host.counters.add('RcvbufErrors');
  host.discard(packet, 'receive-buffer-full');
}
