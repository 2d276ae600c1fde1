import type { ErrnoName } from '../../engine/sockets/errno.ts';
import type { OptionName } from '../../engine/sockets/options.ts';
import { CALL_REFERENCE, type CallReference } from './reference-calls.ts';
import { TCP_INFO_REFERENCE } from './reference-tcp-info.ts';
import type { ScriptError } from './script.ts';
import { SYMBOLS } from './symbols.ts';
import { TCP_INFO_CONSTANTS } from './tcp-info.ts';

/** A mistake in a script, where it stands. */
export type ScriptProblem = ScriptError;

/** A word with what it means. */
export interface Word {
  readonly name: string;
  readonly about: string;
}

/** What there is to write in a packetdrill script, for whoever helps to write one. */
export interface Reference {
  readonly calls: readonly CallReference[];
  /** Names of setsockopt and getsockopt. */
  readonly options: readonly Word[];
  /** Words that stand for a number, families, types, levels. */
  readonly constants: readonly Word[];
  readonly errnos: readonly Word[];
  /** Letters of TCP's flags. */
  readonly flags: readonly Word[];
  /** TCP options, as written between `<` and `>` of a packet. */
  readonly tcpOptions: readonly Word[];
  /** `--name=value` at the head of a script. */
  readonly settings: readonly Word[];
  /** What `%{ }%` can ask for. */
  readonly tcpInfo: readonly Word[];
}

/** Every option the engine's sockets know, and SO_ERROR, which is apart. */
export const OPTION_REFERENCE: Readonly<Record<OptionName | 'SO_ERROR', string>> = {
  IPV6_RECVERR: 'ICMPv6 errors come by the error queue (MSG_ERRQUEUE).',
  IPV6_TCLASS: 'Traffic class of IPv6 packets: DSCP and ECN.',
  IPV6_UNICAST_HOPS: 'Hop limit of IPv6 packets.',
  IPV6_V6ONLY: 'An IPv6 socket takes no IPv4 through mapped addresses.',
  IP_MTU_DISCOVER: 'Path MTU discovery: one of IP_PMTUDISC_DONT, _WANT, _DO, _PROBE.',
  IP_RECVERR: 'ICMP errors come by the error queue (MSG_ERRQUEUE).',
  IP_TOS: 'Type of service of IPv4 packets: DSCP and ECN.',
  IP_TTL: 'Time to live of IPv4 packets.',
  SO_ACCEPTCONN: 'Whether the socket listens (read only).',
  SO_BROADCAST: 'Datagrams may be sent to all of a network.',
  SO_DOMAIN: 'The address family (read only).',
  SO_ERROR: 'The pending error, which asking clears (read only).',
  SO_KEEPALIVE: 'Probes an idle connection: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT.',
  SO_LINGER: 'close() waits for the data, or resets with 0 seconds: {onoff=1, linger=0}.',
  SO_MARK: 'A mark on packets, for the host’s routes.',
  SO_MAX_PACING_RATE: 'Octets a second at most, evenly spaced.',
  SO_OOBINLINE: 'The urgent octet stays in the stream.',
  SO_RCVBUF: 'Octets of the receive buffer, doubled by the kernel.',
  SO_RCVLOWAT: 'Octets that must be there before a receiving call returns.',
  SO_RCVTIMEO: 'How long a receiving call waits.',
  SO_REUSEADDR: 'bind() may take a port that a TIME-WAIT connection holds.',
  SO_REUSEPORT: 'Several sockets may listen on one port.',
  SO_SNDBUF: 'Octets of the send buffer, doubled by the kernel.',
  SO_SNDTIMEO: 'How long a sending call waits.',
  SO_TIMESTAMP: 'When each datagram was received.',
  SO_TIMESTAMPING: 'A union of SOF_TIMESTAMPING_*: stamps of what is sent come by the error queue.',
  SO_TYPE: 'SOCK_STREAM or SOCK_DGRAM (read only).',
  SO_ZEROCOPY: 'MSG_ZEROCOPY counts: the error queue tells when memory is free again.',
  TCP_CONGESTION: 'The congestion control, such as "reno" or "cubic".',
  TCP_CORK: 'Holds back what does not fill a segment.',
  TCP_DEFER_ACCEPT: 'accept() waits for data: that many seconds.',
  TCP_FASTOPEN: 'A listener takes data in SYNs (RFC 7413): so many at once.',
  TCP_FASTOPEN_CONNECT: 'connect() waits for data to send in the SYN.',
  TCP_FASTOPEN_KEY: 'The key cookies are made with.',
  TCP_FASTOPEN_NO_COOKIE: 'Data in SYNs without a cookie.',
  TCP_INQ: 'recvmsg tells how many octets wait behind.',
  TCP_KEEPCNT: 'Probes without an answer that end a connection.',
  TCP_KEEPIDLE: 'Seconds of silence before the first probe.',
  TCP_KEEPINTVL: 'Seconds between probes.',
  TCP_LINGER2: 'Seconds in FIN-WAIT-2 when nobody holds the socket.',
  TCP_MAXSEG: 'Octets of the largest segment (RFC 9293 §3.7.1).',
  TCP_NODELAY: 'Small segments go at once, without Nagle’s algorithm (RFC 9293 §3.7.4).',
  TCP_NOTSENT_LOWAT: 'Unsent octets below which the socket is writable.',
  TCP_QUICKACK: 'ACKs at once, none delayed.',
  TCP_SYNCNT: 'How often a SYN is sent again.',
  TCP_USER_TIMEOUT: 'Milliseconds without an acknowledgment that end a connection (RFC 5482).',
  TCP_WINDOW_CLAMP: 'Octets of the largest window told to the peer.',
};

/** Those that the engine's calls can give. */
const ERRNOS: Readonly<Partial<Record<ErrnoName, string>>> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAGAIN: 'Resource temporarily unavailable',
  EALREADY: 'Operation already in progress',
  EBADF: 'Bad file descriptor',
  ECONNABORTED: 'Software caused connection abort',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EFAULT: 'Bad address',
  EHOSTUNREACH: 'No route to host',
  EINPROGRESS: 'Operation now in progress',
  EINVAL: 'Invalid argument',
  EISCONN: 'Transport endpoint is already connected',
  EMSGSIZE: 'Message too long',
  ENETUNREACH: 'Network is unreachable',
  ENOBUFS: 'No buffer space available',
  ENOPROTOOPT: 'Protocol not available',
  ENOTCONN: 'Transport endpoint is not connected',
  EOPNOTSUPP: 'Operation not supported',
  EPIPE: 'Broken pipe',
  ETIMEDOUT: 'Connection timed out',
};

const FLAGS = {
  S: 'SYN: begins a stream',
  F: 'FIN: ends a stream',
  R: 'RST: there is no such connection',
  P: 'PSH: the receiver should hand this over now',
  '.': 'ACK: the acknowledgment number counts',
  U: 'URG: the urgent pointer counts',
  E: 'ECE: congestion was met (RFC 3168)',
  W: 'CWR: the sender has slowed down (RFC 3168)',
  A: 'AE: a third bit of accurate ECN (RFC 9768)',
  '-': 'no flags',
};

const TCP_OPTIONS = {
  'mss 1460': 'Largest segment the sender takes (RFC 9293 §3.7.1)',
  sackOK: 'Selective acknowledgments may be sent (RFC 2018)',
  'TS val 100 ecr 0': 'Timestamps: this one, and the echo of the last heard (RFC 7323)',
  nop: 'One octet of nothing, to align the next option',
  'wscale 7': 'Windows count in units of 2^7 octets (RFC 7323)',
  'sack 1001:2001': 'Octets that came beyond a gap (RFC 2018)',
  'FO 0123456789abcdef': 'A fast-open cookie, or with nothing a request for one (RFC 7413)',
  'FOEXP 0123456789abcdef': 'The same in the experimental option',
  'ECN e1b 1 ceb 0 e0b 1': 'Octets by their ECN marks (RFC 9768)',
  'md5 00': 'A digest of the segment (RFC 2385)',
  eol: 'The end of the options',
  'unknown 253 00': 'Any other option, by number and octets',
};

const SETTINGS = {
  ip_version: 'ipv4, ipv6 or ipv4-mapped-ipv6',
  local_ip: 'Address of the host under test',
  remote_ip: 'Address of the peer, which the script plays',
  mtu: 'Octets of the largest IP packet',
  bind_port: 'Where bind() binds',
  connect_port: 'Where connect() connects',
  tolerance_usecs: 'Microseconds an event may be off its time',
  tolerance_percent: 'The same in percent of the time since the event before',
  tcp_ts_tick_usecs: 'Microseconds of a timestamp’s tick; without it timestamps are not compared',
  tcp_ts_ecr_scaled: 'An echo that was never sent is reckoned from the first timestamp',
  strict_segments: 'Segments must leave as the script has them',
  define: 'NAME=VALUE: what a word stands for in this script',
};

const CONSTANTS = {
  SOCK_STREAM: 'a socket of TCP',
  SOCK_DGRAM: 'a socket of UDP',
  AF_INET: 'the family of IPv4',
  AF_INET6: 'the family of IPv6',
  AF_UNSPEC: 'no address: connect() with it leaves the peer',
  IPPROTO_TCP: 'TCP',
  IPPROTO_UDP: 'UDP',
  SOL_SOCKET: 'level of SO_* options',
  SOL_TCP: 'level of TCP_* options',
  SOL_IP: 'level of IP_* options',
  SOL_IPV6: 'level of IPV6_* options',
  F_GETFL: 'tells the flags of a descriptor',
  F_SETFL: 'sets them: O_NONBLOCK',
  SHUT_RD: 'nothing is read any more',
  SHUT_WR: 'nothing is written any more: a FIN',
  SHUT_RDWR: 'neither',
  SIOCINQ: 'octets that wait to be read',
  SIOCOUTQ: 'octets not acknowledged yet',
  SIOCATMARK: 'whether the urgent octet comes next',
  EPOLL_CTL_ADD: 'watches a descriptor',
  EPOLL_CTL_MOD: 'watches it for something else',
  EPOLL_CTL_DEL: 'watches it no more',
};

const words = (of: Readonly<Record<string, string>>): readonly Word[] => Object.entries(of).map(([name, about]) => ({ name, about }));

export const REFERENCE: Reference = {
  calls: Object.values(CALL_REFERENCE),
  options: words(OPTION_REFERENCE),
  constants: [...words(CONSTANTS), ...Object.entries(SYMBOLS).map(([name, value]) => ({ name, about: `${value}` }))],
  errnos: words(ERRNOS as Readonly<Record<string, string>>),
  flags: words(FLAGS),
  tcpOptions: words(TCP_OPTIONS),
  settings: words(SETTINGS),
  tcpInfo: [...words(TCP_INFO_REFERENCE), ...Object.entries(TCP_INFO_CONSTANTS).map(([name, value]) => ({ name, about: `${value}` }))],
};
