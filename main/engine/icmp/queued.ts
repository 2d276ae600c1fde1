import { type IcmpMessage, icmpParts } from '../../wire/icmp.ts';
import { type Icmpv6Message, icmpv6Parts } from '../../wire/icmpv6.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import type { IcmpPacket } from '../network/packet.ts';
import type { QueuedError } from '../sockets/error-queue.ts';
import type { IcmpError } from './arrive.ts';
import type { Quoted } from './quoted.ts';

/** An ICMP error as the error queue of a socket keeps it, with what is quoted from `skipped` octets into the transport header on (Linux ip_icmp_error). */
export function queuedError(
  { src, icmp }: IcmpPacket,
  { errno, mtu }: IcmpError,
  { dst, dstPort, transport }: Quoted,
  skipped: number,
): QueuedError {
  const isIpv4 = ipVersionOf(src) === 4;
  const { type, code } = isIpv4 ? icmpParts(icmp as IcmpMessage) : icmpv6Parts(icmp as Icmpv6Message);
  return {
    errno,
    origin: isIpv4 ? 'SO_EE_ORIGIN_ICMP' : 'SO_EE_ORIGIN_ICMP6',
    type,
    code,
    info: mtu ?? 0,
    data: 0,
    offender: { address: src, port: 0 },
    destination: { address: dst, port: dstPort },
    octets: transport.slice(skipped),
  };
}
