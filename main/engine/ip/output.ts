import { ipVersionOf } from '../../wire/ip-address.ts';
import { seconds } from '../../wire/units.ts';
import type { Host } from '../host.ts';
import { sendIcmpError } from '../icmp/errors.ts';
import type { Packet } from '../network/packet.ts';
import { cutSegments, isOffloaded, lengthOnLink } from '../network/segmentation.ts';
import { fragmentPacket } from './fragment.ts';
import type { Way } from './routes.ts';

/** How long a host asks for a neighbour before it gives up (three questions, a second apart, RFC 1122 §2.3.2, RFC 4861 §10). */
const NEIGHBOUR_PATIENCE = seconds(3);

/** Sends a packet of this host on its way, in pieces where it is too big and may be cut. */
export function sendPacket(host: Host, packet: Packet): void {
  const way = host.wayTo(packet.dst);
  if (!way) host.discard(packet, 'no-route');
  else if (packet.segment && !packet.mayFragment) passOn(host, packet, way);
  else sendWhole(host, packet, way);
}

/** TCP makes its segments fit; what others send is cut up here, by the first link or by what the path is known to carry. */
function sendWhole(host: Host, packet: Packet, way: Way): void {
  const mtu = host.mtuTowards(packet.dst);
  const mayCut = packet.mayFragment || ipVersionOf(packet.src) === 6;
  if (lengthOnLink(packet) <= mtu || !mayCut || (packet.payload && packet.fragment)) passOn(host, packet, way);
  else if (isOffloaded(packet)) cutSegments(packet, (segment) => cutUp(host, segment, mtu, way));
  else cutUp(host, packet, mtu, way);
}

/** Sends a packet in fragments (RFC 791 §3.2, RFC 8200 §4.5). */
export function cutUp(host: Host, packet: Packet, mtu: number, way: Way): void {
  const pieces = fragmentPacket(packet, mtu, packet.identification ?? host.nextIdentification());
  if (!pieces) {
    host.counters.add('FragFails');
    host.discard(packet, 'too-big-for-link');
    return;
  }
  host.counters.add('FragOKs');
  for (const piece of pieces) {
    host.counters.add('FragCreates');
    passOn(host, piece, way);
  }
}

/** Puts a packet on the cable that leads on. */
export function passOn(host: Host, packet: Packet, { cable, router, absent }: Way): void {
  if (absent) {
    host.discard(packet, 'no-neighbour');
    host.clock.after(NEIGHBOUR_PATIENCE, () => sendIcmpError(host, packet, { kind: 'no-neighbour' }));
    return;
  }
  if (!packet.segment && host.probes.wants('packet-sent'))
    host.probes.emit({ kind: 'packet-sent', at: host.clock.now, host: host.name, packet });
  cable.transmit(host, router === undefined ? packet : { ...packet, nextHop: router });
}
