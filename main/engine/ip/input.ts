import { IpProtocol } from '../../wire/ip-protocol.ts';
import type { Host } from '../host.ts';
import { icmpArrive } from '../icmp/arrive.ts';
import { sendIcmpError } from '../icmp/errors.ts';
import { type OtherPacket, type Packet, readTransport, type Unreadable } from '../network/packet.ts';
import { arrive } from '../tcp/arrival/arrive.ts';
import { udpArrive } from '../udp/arrive.ts';
import { isBroadcast } from './addresses.ts';
import { forward } from './forward.ts';

/** A packet came in: for us, for another, or a part of one. */
export function receivePacket(host: Host, packet: Packet): void {
  if (packet.payload && packet.headerIsDamaged) {
    host.counters.add('InHdrErrors'); // whose it was, nobody can say
    host.discard(packet, 'corrupted');
    return;
  }
  if (!host.owns(packet.dst) && !isBroadcast(packet.dst, host.addresses)) {
    forward(host, packet);
    return;
  }
  if (packet.payload === undefined) deliver(host, packet);
  else if (!packet.fragment) read(host, packet);
  else {
    const whole = host.reassembly.take(packet);
    if (whole) read(host, whole);
  }
}

/** To the transport that its protocol number names. */
function deliver(host: Host, packet: Packet): void {
  if (packet.segment) {
    host.counters.segmentIn();
    arrive(host, packet);
  } else if (packet.datagram) udpArrive(host, packet);
  else if (packet.icmp) icmpArrive(host, packet);
  else unknownProtocol(host, packet);
}

/** A packet whose transport is still octets. */
function read(host: Host, packet: OtherPacket): void {
  const whole = readTransport(packet);
  if (whole.ok) deliver(host, whole.value);
  else {
    countUnreadable(host, packet.protocol, whole.error);
    host.discard(packet, 'corrupted');
  }
}

function countUnreadable({ counters }: Host, protocol: number, why: Unreadable): void {
  const isChecksum = why === 'bad-checksum';
  switch (protocol) {
    case IpProtocol.TCP:
      counters.add('InSegs'); // Linux counts it before it looks
      counters.add('InErrs');
      if (isChecksum) counters.add('InCsumErrors');
      break;
    case IpProtocol.UDP:
      counters.add('InErrors');
      if (isChecksum) counters.add('UdpInCsumErrors');
      break;
    case IpProtocol.ICMP:
    case IpProtocol.ICMPV6:
      counters.add('IcmpInMsgs');
      counters.add('IcmpInErrors');
      if (isChecksum) counters.add('IcmpInCsumErrors');
      break;
  }
}

function unknownProtocol(host: Host, packet: OtherPacket): void {
  host.discard(packet, 'no-protocol');
  sendIcmpError(host, packet, { kind: 'no-protocol' });
}
