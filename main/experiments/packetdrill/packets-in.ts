import { Flag } from '../../wire/segment.ts';
import { trafficClassOf } from './compare.ts';
import { toIcmp } from './icmp-message.ts';
import type { PacketAction, TcpSpec, UdpSpec } from './script.ts';
import { toSegment } from './segments.ts';
import type { TestBed } from './test-bed.ts';

/** `<`: the packet comes in at the host. */
export function injectPacket(bed: TestBed, action: PacketAction): void {
  const { body } = action;
  if (body.kind === 'tcp') injectTcp(bed, body, action);
  else if (body.kind === 'udp') injectUdp(bed, body, action);
  else {
    const socket = bed.socket();
    bed.put({ src: socket.remoteAddress, dst: socket.localAddress, icmp: toIcmp(body, socket) });
  }
}

function injectTcp(bed: TestBed, body: TcpSpec, { ip: marks }: PacketAction): void {
  if (!bed.underTest || bed.underTest.stage === 'listening') bed.underTest = bed.child(body.seq);
  const socket = bed.underTest;
  if (socket.stage === 'syn-sent' && body.flags & Flag.SYN) {
    socket.remoteStart = body.seq;
    if (body.flags & Flag.ACK) socket.stage = 'open';
  }
  const trafficClass = trafficClassOf(marks);
  bed.put({
    src: socket.remoteAddress,
    dst: socket.localAddress,
    segment: toSegment(body, socket, bed.settings),
    ...(trafficClass !== 0 && { trafficClass }),
    ...(marks.ttl !== undefined && { hops: marks.ttl }),
  });
}

function injectUdp(bed: TestBed, { ports, length }: UdpSpec, { ip: marks }: PacketAction): void {
  const socket = bed.socket();
  const trafficClass = trafficClassOf(marks);
  bed.put({
    src: socket.remoteAddress,
    dst: socket.localAddress,
    datagram: { srcPort: ports?.src || socket.remotePort, dstPort: ports?.dst || socket.localPort, payload: new Uint8Array(length) },
    ...(trafficClass !== 0 && { trafficClass }),
  });
}
