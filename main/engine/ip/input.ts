import type { Host } from '../host.ts';
import { icmpArrive } from '../icmp/arrive.ts';
import { sendIcmpError } from '../icmp/errors.ts';
import { type OtherPacket, type Packet, readTransport } from '../network/packet.ts';
import { arrive } from '../tcp/arrival/arrive.ts';
import { udpArrive } from '../udp/arrive.ts';
import { isBroadcast } from './addresses.ts';
import { forward } from './forward.ts';

/** A packet came in: for us, for another, or a part of one. */
export function receivePacket(host: Host, packet: Packet): void {
  if (!host.owns(packet.dst) && !isBroadcast(packet.dst, host.addresses)) {
    forward(host, packet);
    return;
  }
  if (packet.payload === undefined) deliver(host, packet);
  else if (packet.fragment) reassemble(host, packet);
  else unknownProtocol(host, packet);
}

/** To the transport that its protocol number names. */
function deliver(host: Host, packet: Packet): void {
  if (packet.segment) {
    host.counters.add('InSegs');
    arrive(host, packet);
  } else if (packet.datagram) udpArrive(host, packet);
  else if (packet.icmp) icmpArrive(host, packet);
  else unknownProtocol(host, packet);
}

function reassemble(host: Host, fragment: OtherPacket): void {
  const whole = host.reassembly.take(fragment);
  if (!whole) return;
  const packet = readTransport(whole);
  if (packet.ok) deliver(host, packet.value);
  else host.discard(whole, 'corrupted');
}

function unknownProtocol(host: Host, packet: OtherPacket): void {
  host.discard(packet, 'no-protocol');
  sendIcmpError(host, packet, { kind: 'no-protocol' });
}
