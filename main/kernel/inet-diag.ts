import { eachAttribute } from './netlink.ts';
import type { ListedSocket, SocketDetail, SocketMemory } from './socket-table.ts';

/** `struct inet_diag_req_v2` and `struct inet_diag_msg` (linux/inet_diag.h): octets of each, and where their members are. */
const REQUEST = { octets: 56, family: 0, protocol: 1, extensions: 2, states: 4, localPort: 8, remotePort: 10 } as const;
const At = {
  family: 0,
  state: 1,
  timer: 2,
  retransmissions: 3,
  localPort: 4,
  remotePort: 6,
  local: 8,
  remote: 24,
  device: 40,
  cookie: 44,
  expires: 52,
  receive: 56,
  send: 60,
  uid: 64,
  inode: 68,
  attributes: 72,
} as const;

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const FAMILIES = { 4: AF_INET, 6: AF_INET6 } as const;

/** INET_DIAG_ numbers of the attributes read here. */
const Attribute = {
  info: 2,
  vegas: 3,
  congestion: 4,
  tos: 5,
  trafficClass: 6,
  memory: 7,
  shutdown: 8,
  dctcp: 9,
  v6Only: 11,
  mark: 15,
  bbr: 16,
  cgroup: 21,
} as const;

/** What is asked for beyond what comes unasked: a bit for each number. */
const EXTENSIONS = [
  Attribute.info,
  Attribute.vegas,
  Attribute.congestion,
  Attribute.tos,
  Attribute.trafficClass,
  Attribute.memory,
  Attribute.shutdown,
].reduce((bits, number) => bits | (1 << (number - 1)), 0);

/** Which sockets: a bit in `states` for each of Linux's numbers (1 << number), and the ports of both ends, 0 or none for any. */
export interface SocketQuery {
  readonly states: number;
  readonly local?: number;
  readonly remote?: number;
}

/** Asks for the sockets of a family. */
export function diagRequest(family: 4 | 6, { states, local = 0, remote = 0 }: SocketQuery): Uint8Array {
  const octets = new Uint8Array(REQUEST.octets);
  octets[REQUEST.family] = FAMILIES[family];
  octets[REQUEST.protocol] = IPPROTO_TCP;
  octets[REQUEST.extensions] = EXTENSIONS;
  const view = new DataView(octets.buffer);
  view.setUint32(REQUEST.states, states, true);
  view.setUint16(REQUEST.localPort, local);
  view.setUint16(REQUEST.remotePort, remote);
  return octets;
}

/** The socket that the body of a message tells of; undefined where it is too short, or of another family. Attributes cut off are left out. */
export function diagSocket(body: Uint8Array): ListedSocket | undefined {
  if (body.length < At.attributes) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const family = body[At.family];
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const length = family === AF_INET ? 4 : 16;
  const end = (address: number, port: number) => ({ octets: body.slice(address, address + length), port: view.getUint16(port) });
  const inode = view.getUint32(At.inode, true);
  return {
    local: end(At.local, At.localPort),
    remote: end(At.remote, At.remotePort),
    state: body[At.state]!,
    receive: view.getUint32(At.receive, true),
    send: view.getUint32(At.send, true),
    timer: body[At.timer]!,
    expires: view.getUint32(At.expires, true),
    retransmissions: body[At.retransmissions]!,
    uid: view.getUint32(At.uid, true),
    inode,
    isHeld: inode !== 0,
    detail: detailOf(body, view),
  };
}

function detailOf(body: Uint8Array, view: DataView): SocketDetail {
  const detail: { -readonly [K in keyof SocketDetail]: SocketDetail[K] } = {
    cookie: view.getBigUint64(At.cookie, true),
    device: view.getUint32(At.device, true),
  };
  eachAttribute(body, At.attributes, (type, value) => {
    switch (type) {
      case Attribute.info:
        // A copy: the rest of what was received need not stay for it.
        detail.info = value.slice();
        return;
      case Attribute.congestion:
        detail.congestion = textIn(value);
        return;
      case Attribute.memory:
        detail.memory = memoryIn(value);
        return;
      case Attribute.vegas:
      case Attribute.dctcp:
      case Attribute.bbr:
        detail.algorithm = algorithmIn(type, value);
        return;
      case Attribute.mark:
        if (value.length >= 4) detail.mark = viewOf(value).getUint32(0, true);
        return;
      case Attribute.cgroup:
        if (value.length >= 8) detail.cgroup = viewOf(value).getBigUint64(0, true);
        return;
      case Attribute.tos:
      case Attribute.trafficClass:
      case Attribute.shutdown:
      case Attribute.v6Only:
        if (value.length >= 1) detail[OCTETS[type]] = value[0]!;
    }
  });
  return detail;
}

const OCTETS = {
  [Attribute.tos]: 'tos',
  [Attribute.trafficClass]: 'trafficClass',
  [Attribute.shutdown]: 'shutdown',
  [Attribute.v6Only]: 'v6Only',
} as const;

const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

const textIn = (octets: Uint8Array): string => {
  const end = octets.indexOf(0);
  return Buffer.from(end < 0 ? octets : octets.subarray(0, end)).toString('latin1');
};

/** What congestion controls tell of themselves (union tcp_cc_info), in order, with octets of each; gains count in 256ths, times in microseconds. */
const ALGORITHMS: Readonly<Record<number, readonly (readonly [name: string, octets: 2 | 4 | 8])[]>> = {
  [Attribute.vegas]: [
    ['enabled', 4],
    ['rttcnt', 4],
    ['rtt', 4],
    ['minrtt', 4],
  ],
  [Attribute.dctcp]: [
    ['enabled', 2],
    ['ce_state', 2],
    ['alpha', 4],
    ['ab_ecn', 4],
    ['ab_tot', 4],
  ],
  [Attribute.bbr]: [
    ['bw', 8],
    ['min_rtt', 4],
    ['pacing_gain', 4],
    ['cwnd_gain', 4],
  ],
};

function algorithmIn(type: number, octets: Uint8Array): Readonly<Record<string, number>> {
  const view = viewOf(octets);
  const told: Record<string, number> = {};
  let at = 0;
  for (const [name, size] of ALGORITHMS[type] ?? []) {
    if (at + size > octets.length) break;
    told[name] = size === 8 ? Number(view.getBigUint64(at, true)) : size === 4 ? view.getUint32(at, true) : view.getUint16(at, true);
    at += size;
  }
  return told;
}

/** SK_MEMINFO_ numbers (linux/sock_diag.h), in order; an older kernel tells less. */
const MEMORY = [
  'receive',
  'receiveLimit',
  'send',
  'sendLimit',
  'forward',
  'queued',
  'options',
  'backlog',
  'drops',
] as const satisfies readonly (keyof SocketMemory)[];

function memoryIn(octets: Uint8Array): SocketMemory {
  const view = viewOf(octets);
  const at = (i: number): number => (4 * i + 4 <= octets.length ? view.getUint32(4 * i, true) : 0);
  return Object.fromEntries(MEMORY.map((name, i) => [name, at(i)])) as unknown as SocketMemory;
}
