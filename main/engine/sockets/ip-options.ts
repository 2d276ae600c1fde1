import type { MtuDiscovery } from '../tcp/settings.ts';
import { fail } from './errno.ts';
import { holderOf } from './error-queue.ts';
import { count, done, flag, type Option } from './option.ts';
import type { Socket } from './socket.ts';

const MTU_DISCOVERY: readonly MtuDiscovery[] = ['IP_PMTUDISC_DONT', 'IP_PMTUDISC_WANT', 'IP_PMTUDISC_DO', 'IP_PMTUDISC_PROBE'];

const hops: Option = count(
  ({ settings }) => settings.hops ?? 64,
  (socket, wanted) => {
    socket.change({ hops: wanted });
    return undefined;
  },
  1,
  255,
);

const ECN_BITS = 3; // RFC 3168 §5: TCP's own, whatever the user asks for
const serviceFor = ({ type }: Socket, wanted: number): number => (type === 'SOCK_STREAM' ? wanted & ~ECN_BITS : wanted) & 0xff;

/** Options of levels IPPROTO_IP (ip(7)) and IPPROTO_IPV6 (ipv6(7)), and what SOL_SOCKET says of kinds and shared ports. */
export const IP_OPTIONS = {
  IP_TTL: hops,
  IPV6_UNICAST_HOPS: hops,
  IP_TOS: {
    get: ({ settings }) => settings.typeOfService,
    set: (socket, value) => {
      socket.change({ typeOfService: serviceFor(socket, Number(value)) });
      return done;
    },
  },
  /** -1 is the usual one. */
  IPV6_TCLASS: count(
    ({ settings }) => settings.trafficClass,
    (socket, wanted) => {
      if (socket.domain !== 'AF_INET6') return fail('ENOPROTOOPT', 'the socket does not speak IPv6');
      socket.change({ trafficClass: serviceFor(socket, Math.max(0, wanted)) });
      return undefined;
    },
    -1,
    255,
  ),
  /** ICMP errors, also passing ones, are told at once and kept for MSG_ERRQUEUE. */
  IP_RECVERR: flag(
    ({ settings }) => settings.receiveErrors,
    (socket, on) => {
      socket.change({ receiveErrors: on });
      if (!on) holderOf(socket).errorQueue?.forgetErrors();
    },
  ),
  IPV6_RECVERR: {
    get: ({ settings }) => (settings.receiveErrors6 ? 1 : 0),
    set: (socket, value) => {
      if (socket.domain !== 'AF_INET6') return fail('ENOPROTOOPT', 'the socket does not speak IPv6');
      socket.change({ receiveErrors6: Boolean(value) });
      if (!value) holderOf(socket).errorQueue?.forgetErrors();
      return done;
    },
  },
  /** 0 don't, 1 want, 2 do, 3 probe: when DF is set. */
  IP_MTU_DISCOVER: count(
    ({ settings }) => MTU_DISCOVERY.indexOf(settings.mtuDiscovery),
    (socket, mode) => {
      socket.change({ mtuDiscovery: MTU_DISCOVERY[mode]! });
      return undefined;
    },
    0,
    MTU_DISCOVERY.length - 1,
  ),
  /** Before the socket has an address. */
  IPV6_V6ONLY: {
    get: ({ settings }) => (settings.ipv6Only ? 1 : 0),
    set: (socket, value) => {
      if (socket.domain !== 'AF_INET6') return fail('ENOPROTOOPT', 'the socket does not speak IPv6');
      if (socket.binding || socket.tcb || socket.udp?.localPort) return fail('EINVAL', 'the socket has an address already');
      socket.change({ ipv6Only: Boolean(value) });
      return done;
    },
  },
  SO_REUSEPORT: flag(
    ({ settings }) => settings.reusePort,
    (socket, on) => socket.change({ reusePort: on }),
  ),
  /** SOCK_STREAM is 1, SOCK_DGRAM 2. */
  SO_TYPE: { get: ({ type }) => (type === 'SOCK_STREAM' ? 1 : 2) },
  /** AF_UNIX is 1, AF_INET 2, AF_INET6 10. */
  SO_DOMAIN: { get: ({ domain }) => ({ AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 })[domain] },
} as const satisfies Record<string, Option>;
