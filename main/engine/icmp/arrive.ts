import { IcmpUnreachable } from '../../wire/icmp.ts';
import { Icmpv6Unreachable } from '../../wire/icmpv6.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import type { Host } from '../host.ts';
import { isBroadcast, isMulticast } from '../ip/addresses.ts';
import { sendPacket } from '../ip/output.ts';
import type { IcmpPacket } from '../network/packet.ts';
import type { ErrnoName } from '../sockets/errno.ts';
import { tcpError } from '../tcp/icmp-error.ts';
import { udpError } from '../udp/icmp-error.ts';
import { type Quoted, readQuoted } from './quoted.ts';

/** What an ICMP error means to the one whose packet it is about (Linux icmp_err_convert, icmpv6_err_convert). */
export interface IcmpError {
  readonly errno: ErrnoName;
  /** It will not get better by trying again. TCP has rules of its own for what it believes. */
  readonly fatal: boolean;
  /** Set when the packet was too big: the most that gets through, 0 when the router did not say. */
  readonly mtu?: number;
}

/** ICMP and ICMPv6 arrive: questions are answered, errors told to the connection or socket whose packet is quoted. */
export function icmpArrive(host: Host, packet: IcmpPacket): void {
  const { icmp, src, dst } = packet;
  host.counters.add('IcmpInMsgs');
  if (icmp.kind === 'echo-request') {
    answerEcho(host, packet);
    return;
  }
  const error = errorOf(packet);
  if (!error || !('original' in icmp || 'body' in icmp)) return;
  const quoted = readQuoted('original' in icmp ? icmp.original : icmp.body);
  // It must be about a packet of ours, and of the version of IP that the message came with.
  if (!quoted || !host.owns(quoted.src) || ipVersionOf(quoted.src) !== ipVersionOf(src) || ipVersionOf(dst) !== ipVersionOf(src)) return;
  deliver(host, quoted, error, packet);
}

/** RFC 792, RFC 4443 §4.1. Nobody answers what was sent to all (Linux icmp_echo_ignore_broadcasts). */
function answerEcho(host: Host, { src, dst, icmp }: IcmpPacket): void {
  if (icmp.kind !== 'echo-request' || isMulticast(dst) || isBroadcast(dst, host.addresses)) return;
  host.counters.add('IcmpOutMsgs');
  sendPacket(host, { src: dst, dst: src, icmp: { ...icmp, kind: 'echo-reply' } });
}

function deliver(host: Host, quoted: Quoted, error: IcmpError, packet: IcmpPacket): void {
  if (quoted.protocol === IpProtocol.TCP) tcpError(host, quoted, error, packet);
  else if (quoted.protocol === IpProtocol.UDP) udpError(host, quoted, error, packet);
}

function errorOf(packet: IcmpPacket): IcmpError | undefined {
  return ipVersionOf(packet.src) === 4 ? ofIpv4(packet) : ofIpv6(packet);
}

const UNREACHABLE_V4: { readonly [code: number]: IcmpError } = {
  [IcmpUnreachable.NETWORK]: { errno: 'ENETUNREACH', fatal: false },
  [IcmpUnreachable.HOST]: { errno: 'EHOSTUNREACH', fatal: false },
  [IcmpUnreachable.PROTOCOL]: { errno: 'ENOPROTOOPT', fatal: true },
  [IcmpUnreachable.PORT]: { errno: 'ECONNREFUSED', fatal: true },
  5: { errno: 'EOPNOTSUPP', fatal: false }, // source route failed
  6: { errno: 'ENETUNREACH', fatal: true }, // network unknown
  7: { errno: 'EHOSTDOWN', fatal: true }, // host unknown
  9: { errno: 'ENETUNREACH', fatal: true }, // network prohibited
  10: { errno: 'EHOSTUNREACH', fatal: true }, // host prohibited
  11: { errno: 'ENETUNREACH', fatal: false },
  12: { errno: 'EHOSTUNREACH', fatal: false },
  [IcmpUnreachable.ADMINISTRATIVELY]: { errno: 'EHOSTUNREACH', fatal: true },
};

function ofIpv4({ icmp }: IcmpPacket): IcmpError | undefined {
  if (icmp.kind === 'time-exceeded') return { errno: 'EHOSTUNREACH', fatal: false };
  if (icmp.kind !== 'unreachable') return undefined;
  if (icmp.code === IcmpUnreachable.FRAGMENTATION_NEEDED) return { errno: 'EMSGSIZE', fatal: false, mtu: 'mtu' in icmp ? icmp.mtu : 0 };
  return UNREACHABLE_V4[icmp.code];
}

const UNREACHABLE_V6: { readonly [code: number]: IcmpError } = {
  [Icmpv6Unreachable.NO_ROUTE]: { errno: 'ENETUNREACH', fatal: false },
  [Icmpv6Unreachable.ADMINISTRATIVELY]: { errno: 'EACCES', fatal: true },
  [Icmpv6Unreachable.BEYOND_SCOPE]: { errno: 'EHOSTUNREACH', fatal: false },
  [Icmpv6Unreachable.ADDRESS]: { errno: 'EHOSTUNREACH', fatal: false },
  [Icmpv6Unreachable.PORT]: { errno: 'ECONNREFUSED', fatal: true },
  5: { errno: 'EACCES', fatal: true }, // policy
  6: { errno: 'EACCES', fatal: true }, // reject route
};
const PARAMETER_PROBLEM = 4;

function ofIpv6({ icmp }: IcmpPacket): IcmpError | undefined {
  if (icmp.kind === 'time-exceeded') return { errno: 'EHOSTUNREACH', fatal: false };
  if (icmp.kind === 'packet-too-big') return { errno: 'EMSGSIZE', fatal: false, mtu: icmp.mtu };
  if (icmp.kind === 'other' && icmp.type === PARAMETER_PROBLEM) return { errno: 'EPROTO', fatal: true };
  return icmp.kind === 'unreachable' ? UNREACHABLE_V6[icmp.code] : undefined;
}
