import { type IcmpMessage, IcmpUnreachable } from '../../wire/icmp.ts';
import { type Icmpv6Message, Icmpv6Unreachable } from '../../wire/icmpv6.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import type { Host } from '../host.ts';
import { isBroadcast, isLoopback, isMulticast, isUnspecified } from '../ip/addresses.ts';
import { sendPacket } from '../ip/output.ts';
import type { Packet } from '../network/packet.ts';
import { quote } from './quoted.ts';

/** What was wrong with a packet. */
export type Trouble =
  | { readonly kind: 'no-route' | 'no-neighbour' | 'no-port' | 'no-protocol' | 'hops-exceeded' | 'reassembly-timeout' }
  | { readonly kind: 'too-big'; readonly mtu: number };

const TIME_EXCEEDED = { HOPS: 0, REASSEMBLY: 1 } as const; // the same codes in RFC 792 and RFC 4443 §3.3

/** Tells the sender of `packet` what became of it, unless nobody may be told. */
export function sendIcmpError(host: Host, packet: Packet, trouble: Trouble): void {
  if (!mayBeToldOf(host, packet)) return;
  const isLimited = trouble.kind !== 'too-big' && !isLoopback(packet.src); // path MTU discovery must not wait (Linux icmpv4_mask_allow)
  if (isLimited && !host.icmpRateLimit.allows(packet.src)) return;
  const src = host.owns(packet.dst) ? packet.dst : host.sourceFor(packet.src);
  if (src === undefined) return;
  const original = quote(packet);
  const icmp = ipVersionOf(packet.src) === 4 ? ofIpv4(trouble, original) : ofIpv6(trouble, original);
  if (!icmp) return;
  host.counters.add('IcmpOutMsgs');
  sendPacket(host, { src, dst: packet.src, icmp });
}

/**
 * RFC 1122 §3.2.2, RFC 4443 §2.4(e): never about an ICMP error (two hosts would go on for ever), a fragment that is not
 * the first, anything sent to many, or from nobody in particular.
 */
function mayBeToldOf(host: Host, packet: Packet): boolean {
  const { src, dst, icmp } = packet;
  if (icmp && icmp.kind !== 'echo-request' && icmp.kind !== 'echo-reply') return false;
  if (packet.payload && (packet.fragment?.offset ?? 0) > 0) return false;
  return !isMulticast(dst) && !isBroadcast(dst, host.addresses) && !isMulticast(src) && !isUnspecified(src);
}

function ofIpv4(trouble: Trouble, original: Uint8Array): IcmpMessage | undefined {
  const unreachable = (code: number, mtu = 0): IcmpMessage => ({ kind: 'unreachable', code, mtu, original });
  switch (trouble.kind) {
    case 'no-route':
      return unreachable(IcmpUnreachable.NETWORK);
    case 'no-neighbour':
      return unreachable(IcmpUnreachable.HOST);
    case 'no-port':
      return unreachable(IcmpUnreachable.PORT);
    case 'no-protocol':
      return unreachable(IcmpUnreachable.PROTOCOL);
    case 'too-big':
      return unreachable(IcmpUnreachable.FRAGMENTATION_NEEDED, trouble.mtu);
    case 'hops-exceeded':
      return { kind: 'time-exceeded', code: TIME_EXCEEDED.HOPS, original };
    case 'reassembly-timeout':
      return { kind: 'time-exceeded', code: TIME_EXCEEDED.REASSEMBLY, original };
  }
}

const PARAMETER_PROBLEM = 4; // RFC 4443 §3.4
const UNRECOGNIZED_NEXT_HEADER = 1;
const NEXT_HEADER_AT = 6; // where the IPv6 header names what follows

function ofIpv6(trouble: Trouble, original: Uint8Array): Icmpv6Message | undefined {
  const unreachable = (code: number): Icmpv6Message => ({ kind: 'unreachable', code, original });
  switch (trouble.kind) {
    case 'no-route':
      return unreachable(Icmpv6Unreachable.NO_ROUTE);
    case 'no-neighbour':
      return unreachable(Icmpv6Unreachable.ADDRESS);
    case 'no-port':
      return unreachable(Icmpv6Unreachable.PORT);
    case 'no-protocol':
      return { kind: 'other', type: PARAMETER_PROBLEM, code: UNRECOGNIZED_NEXT_HEADER, rest: NEXT_HEADER_AT, body: original };
    case 'too-big':
      return { kind: 'packet-too-big', mtu: trouble.mtu, original };
    case 'hops-exceeded':
      return { kind: 'time-exceeded', code: TIME_EXCEEDED.HOPS, original };
    case 'reassembly-timeout':
      return { kind: 'time-exceeded', code: TIME_EXCEEDED.REASSEMBLY, original };
  }
}
