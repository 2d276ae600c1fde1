import { Flag } from '../../../wire/segment.ts';
import type { Host } from '../../host.ts';
import type { TcpPacket } from '../../network/packet.ts';
import { resetInAnswer } from '../output.ts';

/** No connection and no listener (RFC 9293 §3.10.7.1): everything but a RST is answered with a RST. */
export function arriveClosed(host: Host, { src, dst, segment }: TcpPacket): void {
  host.dropPacket(src, dst, segment, 'no-listener');
  if (segment.flags & Flag.RST) return;
  host.send(dst, src, resetInAnswer(segment), 'reset');
}
