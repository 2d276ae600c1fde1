import type { Packet } from '../../engine/network/packet.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import { numbersOf } from './icmp-message.ts';
import { inOneLine, writeTcp } from './notation.ts';
import type { IcmpSpec, TcpSpec, UdpSpec } from './script.ts';
import { Miss } from './verdict.ts';

/** A packet as a script writes it. */
export const writeBody = (body: TcpSpec | UdpSpec | IcmpSpec): string => {
  if (body.kind === 'tcp') return inOneLine(writeTcp(body));
  if (body.kind === 'udp') return `udp (${body.length})`;
  return `icmp ${body.type}${body.code === undefined ? '' : ` ${body.code}`}`;
};

/** A packet that a script has no more words for. */
export const writeOther = ({ datagram, icmp, segment }: Packet): string => {
  if (segment) return 'a TCP segment';
  if (datagram) return `udp (${datagram.payload.length})`;
  return icmp ? `icmp ${icmp.kind}` : 'a packet of an unknown protocol';
};

/** UDP and ICMP: throws a `Miss` that shows both sides where the packet is another. */
export function compareOther(body: UdpSpec | IcmpSpec, packet: Packet): void {
  const { datagram, icmp, src } = packet;
  const isSame =
    body.kind === 'udp' ? datagram?.payload.length === body.length : icmp !== undefined && isSameMessage(body, icmp, ipVersionOf(src));
  if (!isSame) throw new Miss('content', 'another packet left', `«${writeBody(body)}»`, `«${writeOther(packet)}»`);
}

/** Types of ICMP and ICMPv6 (RFC 792, RFC 4443). */
const TYPES = {
  unreachable: { 4: 3, 6: 1 },
  'packet-too-big': { 4: 2, 6: 2 },
  'time-exceeded': { 4: 11, 6: 3 },
  'echo-request': { 4: 8, 6: 128 },
  'echo-reply': { 4: 0, 6: 129 },
} as const;

function isSameMessage(body: IcmpSpec, icmp: NonNullable<Packet['icmp']>, version: 4 | 6): boolean {
  const { type, code } = numbersOf(body, version);
  if (icmp.kind === 'other') return icmp.type === type && icmp.code === code;
  return TYPES[icmp.kind][version] === type && ('code' in icmp ? icmp.code : 0) === code;
}
