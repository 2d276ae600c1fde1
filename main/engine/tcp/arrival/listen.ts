import { Flag } from '../../../wire/segment.ts';
import type { Packet } from '../../network/packet.ts';
import { beginPassiveOpen, type Listener, type Reopening } from '../listener.ts';
import { resetInAnswer } from '../output.ts';

/** LISTEN (RFC 9293 §3.10.7.2): no RST is for us, an ACK of something we never sent gets a RST, a SYN begins a connection. */
export function arriveListen(listener: Listener, packet: Packet, reopening?: Reopening): void {
  const { host } = listener;
  const { src, dst, segment } = packet;
  const { flags } = segment;
  if (flags & Flag.RST) {
    host.dropPacket(src, dst, segment, 'not-a-syn');
    return;
  }
  if (flags & Flag.ACK) {
    host.dropPacket(src, dst, segment, 'unacceptable-ack');
    host.send(dst, src, resetInAnswer(segment), 'reset');
    return;
  }
  // A FIN with the SYN has no honest sender; Linux takes it for a port scan and stays silent.
  if ((flags & (Flag.SYN | Flag.FIN)) !== Flag.SYN) {
    host.dropPacket(src, dst, segment, 'not-a-syn');
    return;
  }
  if (listener.synQueueIsFull) {
    host.counters.add('TCPReqQFullDrop');
    listener.turnAway(false);
    host.dropPacket(src, dst, segment, 'syn-queue-full');
    return;
  }
  if (listener.isFull) {
    // Nobody accepts: another half-open connection would only wait for a place that is not there.
    listener.turnAway(true);
    host.dropPacket(src, dst, segment, 'accept-queue-full');
    return;
  }
  const ends = { localAddress: dst, localPort: segment.dstPort, remoteAddress: src, remotePort: segment.srcPort };
  beginPassiveOpen(listener, ends, segment, reopening);
}
