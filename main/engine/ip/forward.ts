import { ipVersionOf } from '../../wire/ip-address.ts';
import type { Host } from '../host.ts';
import { sendIcmpError, type Trouble } from '../icmp/errors.ts';
import { DEFAULT_HOPS, type Packet } from '../network/packet.ts';
import { lengthOnLink } from '../network/segmentation.ts';
import { isBroadcast, isLoopback, isMulticast, isUnspecified } from './addresses.ts';
import { cutUp, passOn } from './output.ts';

/** A packet for somebody else: a router takes it on (RFC 1812 §5.2.1), any other host drops it. */
export function forward(host: Host, packet: Packet): void {
  if (!isRouter(host, packet) || !isForwardable(host, packet)) {
    host.discard(packet, 'not-our-address');
    return;
  }
  const { hops = DEFAULT_HOPS, nextHop: _here, ...rest } = packet;
  if (hops <= 1) {
    refuse(host, packet, 'hops-exceeded', { kind: 'hops-exceeded' });
    return;
  }
  const way = host.routes.find(packet.dst);
  if (!way) {
    refuse(host, packet, 'no-route', { kind: 'no-route' });
    return;
  }
  host.counters.add('ForwDatagrams');
  const onward = { ...rest, hops: hops - 1 } as Packet;
  const { mtu } = way.cable.settings;
  if (way.absent || lengthOnLink(onward) <= mtu) passOn(host, onward, way);
  else if (packet.mayFragment && ipVersionOf(packet.src) === 4) cutUp(host, onward, mtu, way);
  // RFC 1191 §4, RFC 8201 §3: the sender learns what would fit. No router cuts a packet of IPv6.
  else refuse(host, packet, 'too-big-for-link', { kind: 'too-big', mtu });
}

const isRouter = ({ sysctls }: Host, { dst }: Packet): boolean =>
  sysctls.get(ipVersionOf(dst) === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding') !== 0;

/** RFC 1812 §5.3.7: what is to or from nowhere in particular stays where it is. */
const isForwardable = (host: Host, { src, dst }: Packet): boolean =>
  ![src, dst].some((one) => isUnspecified(one) || isLoopback(one) || isMulticast(one) || isBroadcast(one, host.addresses));

function refuse(host: Host, packet: Packet, reason: 'hops-exceeded' | 'no-route' | 'too-big-for-link', trouble: Trouble): void {
  host.discard(packet, reason);
  sendIcmpError(host, packet, trouble);
}
