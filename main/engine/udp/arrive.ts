import type { Host } from '../host.ts';
import { sendIcmpError } from '../icmp/errors.ts';
import type { UdpPacket } from '../network/packet.ts';

/** A datagram arrives (RFC 1122 §4.1.3.1): into the queue of whoever has the port, or an ICMP port unreachable in answer. */
export function udpArrive(host: Host, packet: UdpPacket): void {
  const { src, dst, datagram } = packet;
  const endpoint = host.udp.find(dst, datagram.dstPort, src, datagram.srcPort);
  if (!endpoint) {
    host.counters.add('NoPorts');
    host.discard(packet, 'no-socket');
    sendIcmpError(host, packet, { kind: 'no-port' });
    return;
  }
  if (endpoint.readClosed || endpoint.enqueue({ octets: datagram.payload.slice(), address: src, port: datagram.srcPort })) {
    host.counters.add('InDatagrams');
    return;
  }
  // Nobody is told: UDP promises nothing.
  host.counters.add('InErrors');
  host.counters.add('RcvbufErrors');
  host.discard(packet, 'receive-buffer-full');
}
