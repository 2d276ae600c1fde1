import type { TcpState } from '../../tcp-model/states.ts';

/**
 * The plain values that scripts, the lab API and the targets speak of. A script sees them as globals. Times and spans of
 * time are seconds there; a target counts nanoseconds.
 */

export interface SocketAddress {
  /** `'10.0.0.2'`, `'fd00::2'`, `INADDR_ANY`, `IN6ADDR_ANY`. What AF_UNIX calls return has the path here, and port 0. */
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** What may befall a segment under way; the same in both directions. */
export interface LinkOptions {
  /** One way, in seconds. The real kernel's loopback passes it over: it has its own. */
  readonly delay?: number;
  /** Added to the delay of each segment at random, up to this many seconds. */
  readonly jitter?: number;
  /** Probability, 0 to 1, that a segment is lost. */
  readonly loss?: number;
  /** Probability, 0 to 1, that a segment arrives twice. */
  readonly duplication?: number;
  /** Probability, 0 to 1, that one bit of a packet turns over: its receiver throws it away because of the checksum. */
  readonly corruption?: number;
  /** Probability, 0 to 1, that a segment is overtaken by later ones. */
  readonly reordering?: number;
  /** How long an overtaken segment is held back, in seconds. 0.005 unless given. */
  readonly reorderBy?: number;
  /** Probability, 0 to 1, that a packet whose sender speaks ECN is marked as having met congestion. */
  readonly marking?: number;
  /** Bits per second; without it there is no limit. */
  readonly rate?: number;
  /** Packets that may wait for the rate in each direction; further ones are lost. 1000 unless given. */
  readonly queue?: number;
  /** Octets of the largest IP packet. 1500 unless given. */
  readonly mtu?: number;
}

/** The kernel's tunables by their Linux names, such as `'net.ipv4.tcp_syn_retries'`. */
export type Sysctls = Readonly<Record<string, number | readonly number[] | string>>;

export interface Route {
  /** `'10.1.0.0/16'`, `'fd01::/64'`, or `'default'` for everything else. */
  readonly to: string;
  /** The router's address: a neighbour with `'net.ipv4.ip_forward': 1`. */
  readonly via: string;
}

/** One end of a connection, observed. */
export interface Connection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly state: TcpState;
  /** Every state this end has been in, in order. */
  readonly history: readonly TcpState[];
  /** Who holds it now. Nobody holds a connection that waits for `accept`, and nobody one that was closed. */
  readonly owner?: SocketOwner;
}

/** The process that holds a socket, by its lowest descriptor. */
export interface SocketOwner {
  readonly process: string;
  readonly fd: number;
}

/** The queues of a listener (`syn`, `accept`) or of a connection (`send`, `receive`). */
export interface Queues {
  /** Connections that have sent SYN and wait for the third segment. */
  readonly syn: readonly QueuedConnection[];
  /** Established connections that wait for `accept`, oldest first. */
  readonly accept: readonly QueuedConnection[];
  /** How many connections the accept queue may hold: the smaller of `backlog` and somaxconn. */
  readonly backlog: number;
  /** Octets the process has sent and the peer has not acknowledged. */
  readonly send: number;
  /** Octets that have arrived in order and wait for `recv`. */
  readonly receive: number;
  /** Octets that have arrived behind a gap. */
  readonly outOfOrder: number;
}

export interface QueuedConnection {
  readonly remote: SocketAddress;
  readonly state: TcpState;
  /** Octets that can be read at once. */
  readonly receive: number;
}

/** A TCP segment as it was put on the link. */
export interface Segment {
  /** Its place on this link, from 1. */
  readonly number: number;
  /** When it was put on the link. */
  readonly time: number;
  /** Name of the host that sent it. */
  readonly from: string;
  /** Name of the host at the other end. */
  readonly to: string;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  /** The control bits in the order of the header, such as `'SYN'`, `'SYN,ACK'`, `'PSH,ACK'`, `'FIN,ACK'`. */
  readonly flags: string;
  /** The sequence number on the wire. */
  readonly seq: number;
  /** The acknowledgment number on the wire; meaningless without ACK. */
  readonly ack: number;
  /** Counted from the sender's initial sequence number, as tools show it: the SYN is 0. */
  readonly relativeSeq: number;
  /** Counted from the other side's initial sequence number. */
  readonly relativeAck: number;
  /** Octets of data. */
  readonly length: number;
  /** The 16 bits of the header, before scaling. */
  readonly window: number;
  /** The urgent pointer; meaningless without URG. */
  readonly urgent: number;
  /** Why its sender sent it, where that is known. */
  readonly cause?: SegmentCause;
  readonly options: SegmentOptions;
  /** It did not get through: lost by chance or by a rule of the script, without room in the queue, or damaged. */
  readonly lost: boolean;
}

export type SegmentCause =
  | 'syn'
  | 'syn-ack'
  | 'ack'
  | 'challenge-ack'
  | 'data'
  | 'fin'
  /** Sent again because a timeout expired. */
  | 'retransmission'
  /** Sent again because later data had been acknowledged. */
  | 'fast-retransmission'
  | 'loss-probe'
  | 'window-probe'
  | 'keepalive'
  | 'reset'
  /** Put on the link by the script. */
  | 'injected';

export interface SegmentOptions {
  readonly mss?: number;
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  readonly timestamps?: { readonly value: number; readonly echo: number };
  readonly sack?: readonly { readonly left: number; readonly right: number }[];
  /** The cookie of TCP Fast Open in hexadecimal; empty asks for one. */
  readonly fastOpen?: string;
}

/** A packet on the link that is not TCP's: a datagram of UDP, or a message of ICMP. */
export interface Datagram {
  /** When it was put on the link. */
  readonly time: number;
  /** Names of the hosts at the two ends of this link. */
  readonly from: string;
  readonly to: string;
  /** ICMP has no ports: 0. */
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly protocol: 'udp' | 'icmp' | 'icmpv6';
  /** Octets of data; of ICMP, octets of the packet it quotes or of its echo. */
  readonly length: number;
  /** What a message of ICMP says: `'unreachable'`, `'packet-too-big'`, `'time-exceeded'`, `'echo-request'`, ... */
  readonly message?: string;
  readonly code?: number;
  /** The MTU of the next link, in a message that says that a packet was too large. */
  readonly mtu?: number;
}
