import { encodePacket } from '../../engine/network/packet.ts';
import type { IcmpMessage } from '../../wire/icmp.ts';
import type { Icmpv6Message } from '../../wire/icmpv6.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import { Flag } from '../../wire/segment.ts';
import { seq } from '../../wire/seq.ts';
import type { ScriptSocket } from './connection.ts';
import type { IcmpSpec } from './script.ts';
import { Miss } from './verdict.ts';

/** Types and codes by the names scripts use (RFC 792, RFC 4443). */
const V4: Readonly<Record<string, { readonly type: number; readonly codes: readonly string[] }>> = {
  echo_reply: { type: 0, codes: [] },
  unreachable: {
    type: 3,
    codes: [
      'net_unreachable',
      'host_unreachable',
      'protocol_unreachable',
      'port_unreachable',
      'frag_needed',
      'source_route_failed',
      'net_unknown',
      'host_unknown',
      'source_host_isolated',
      'net_prohibited',
      'host_prohibited',
      'net_unreachable_for_tos',
      'host_unreachable_for_tos',
      'packet_filtered',
      'precedence_violation',
      'precedence_cutoff',
    ],
  },
  source_quench: { type: 4, codes: [] },
  redirect: { type: 5, codes: [] },
  echo_request: { type: 8, codes: [] },
  time_exceeded: { type: 11, codes: ['ttl_exceeded', 'fragment_reassembly_time_exceeded'] },
  parameter_problem: { type: 12, codes: [] },
};
const V6: typeof V4 = {
  unreachable: { type: 1, codes: ['no_route', 'admin_prohibited', 'scope_mismatch', 'address_unreachable', 'port_unreachable'] },
  packet_too_big: { type: 2, codes: [] },
  time_exceeded: { type: 3, codes: ['exceed_hopcount', 'exceed_fragment_reassembly_time'] },
  parameter_problem: { type: 4, codes: [] },
  echo_request: { type: 128, codes: [] },
  echo_reply: { type: 129, codes: [] },
};

/** The numbers of an ICMP message that a script names. */
export function numbersOf({ type, code }: IcmpSpec, version: 4 | 6): { readonly type: number; readonly code: number } {
  const names = version === 4 ? V4 : V6;
  const known = Object.hasOwn(names, type) ? names[type] : undefined;
  if (!known) throw new Miss('mistake', `there is no ICMPv${version} message ${type} here; there are ${Object.keys(names).join(', ')}`);
  if (code === undefined) return { type: known.type, code: 0 };
  const number = known.codes.indexOf(code);
  if (number < 0)
    throw new Miss('mistake', `${type} of ICMPv${version} has no code ${code}; there are ${known.codes.join(', ') || 'none'}`);
  return { type: known.type, code: number };
}

/** A message about a packet that the host sent on this connection. */
export function toIcmp(spec: IcmpSpec, socket: ScriptSocket): IcmpMessage | Icmpv6Message {
  const version = ipVersionOf(socket.localAddress);
  const { type, code } = numbersOf(spec, version);
  const body = original(spec, socket);
  if (version === 4 && type === 3) return { kind: 'unreachable', code, mtu: spec.mtu ?? 0, original: body };
  if (version === 6 && type === 2) return { kind: 'packet-too-big', mtu: spec.mtu ?? 0, original: body };
  if (version === 6 && type === 1) return { kind: 'unreachable', code, original: body };
  return { kind: 'other', type, code, rest: (spec.mtu ?? 0) | ((spec.id ?? 0) << 16), body } as IcmpMessage;
}

const QUOTED = 8; // octets of the transport's header, RFC 792

/** The header and first octets of the packet in question. */
function original({ about }: IcmpSpec, socket: ScriptSocket): Uint8Array {
  const { localAddress: src, remoteAddress: dst, localPort: srcPort, remotePort: dstPort } = socket;
  const payload = new Uint8Array(about?.length ?? 0);
  if (about?.protocol === 'raw') throw new Miss('unsupported', 'the engine has no raw sockets');
  const isUdp = about ? about.protocol === 'udp' : socket.protocol === 'udp';
  const packet = isUdp
    ? encodePacket({ src, dst, datagram: { srcPort, dstPort, payload } })
    : encodePacket({
        src,
        dst,
        segment: {
          srcPort,
          dstPort,
          seq: seq((about?.seq ?? 0) + socket.localStart),
          ack: seq(0),
          flags: Flag.ACK,
          window: 0,
          urgent: 0,
          options: [],
          payload,
        },
      });
  return packet.slice(0, (ipVersionOf(src) === 4 ? 20 : 40) + QUOTED);
}
