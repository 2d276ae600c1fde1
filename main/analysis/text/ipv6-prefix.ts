import { ipv6AddressAt } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { readU16 } from '../../wire/octets.ts';
import { cutShort, DEEPEST_NESTING, type Dissection, type Extent, type Finding, malformed } from './dissection.ts';
import { printDestinationOptions, printFragment, printHopByHop, printRouting, type Step } from './ipv6-extensions.ts';
import { printProtocol } from './protocols.ts';

const HEADER = 40;

/** "IP6 ", its extension headers, and what tcpdump says before it comes to TCP. */
export function printIpv6(d: Dissection, { at, length, end }: Extent): Finding {
  if (++d.nesting > DEEPEST_NESTING) return 'nothing';
  const { data } = d;
  if (at + HEADER > end) return cutShort(d, 'ip6');
  if (length < HEADER) return malformed(d, `truncated-ip6 ${length}`);
  d.text += 'IP6 ';
  const version = data[at]! >> 4;
  if (version !== 6) return malformed(d, `version error: ${version} != 6`);
  const payloadLength = readU16(data, at + 4);
  if (payloadLength !== 0 && length < payloadLength + HEADER) d.text += `truncated-ip6 - ${payloadLength + HEADER - length} bytes missing!`;
  // Without a length, walk what there is until a jumbo option tells one.
  const claimed = HEADER + (payloadLength || length);
  const first = data[at + 6]!;
  if (first !== IpProtocol.TCP) d.text += `${ipv6AddressAt(data, at + 8)} > ${ipv6AddressAt(data, at + 24)}: `;
  return printChain(d, { at, length, end: Math.min(end, at + claimed) }, first, payloadLength, claimed, end);
}

function printChain(d: Dissection, packet: Extent, first: number, stated: number, claimed: number, captured: number): Finding {
  const { at, length, end } = packet;
  let payloadLength = stated;
  let next = first;
  let header = at + HEADER;
  while (true) {
    if (claimed < header - at) return cutShort(d, 'ip6');
    const step = printExtension(d, next, header, at, end, payloadLength);
    if (step === 'not-an-extension') break;
    if (typeof step === 'string') return step;
    if (step.jumbo !== undefined) payloadLength = step.jumbo;
    next = d.data[header]!;
    header += step.advance;
    if (header >= end) return 'nothing'; // the chain ends where the packet does, without TCP
  }
  const around = { version: 6, src: at + 8, dst: at + 24, addressesPrinted: first !== IpProtocol.TCP } as const;
  const walked = header - at;
  if (payloadLength !== stated) {
    const whole = payloadLength + HEADER;
    if (whole < walked) return cutShort(d, 'ip6');
    if (length < whole) d.text += `truncated-ip6 - ${whole - length} bytes missing!`;
    return printProtocol(d, next, around, { at: header, length: whole - walked, end: Math.min(captured, at + whole) });
  }
  if (stated === 0) {
    // tcpdump believes a zero length, where the kernel hands over packets too big for the field (BIG TCP).
    return printProtocol(d, next, around, { at: header, length: 0, end: Math.min(captured, at + HEADER) });
  }
  return printProtocol(d, next, around, { at: header, length: claimed - walked, end });
}

function printExtension(
  d: Dissection,
  kind: number,
  header: number,
  packet: number,
  end: number,
  payloadLength: number,
): Step | Finding | 'not-an-extension' {
  switch (kind) {
    case IpProtocol.HOP_BY_HOP:
      if (header !== packet + HEADER) return malformed(d, `[The Hop-by-Hop Options header don't follow the IPv6 header] (invalid)`);
      return printHopByHop(d, header, end, payloadLength);
    case IpProtocol.DESTINATION:
      return printDestinationOptions(d, header, end);
    case IpProtocol.FRAGMENT:
      return printFragment(d, header, packet, end, payloadLength);
    case IpProtocol.ROUTING:
      return printRouting(d, header, end);
    default:
      return 'not-an-extension';
  }
}
