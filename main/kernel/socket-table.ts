import { readFileSync } from 'node:fs';
import type { KernelEnd } from './socket.ts';

/** A TCP socket of this network namespace as the kernel lists it, also one that no process holds any more. */
export interface ListedSocket {
  readonly local: KernelEnd;
  readonly remote: KernelEnd;
  /** Linux's number of the state, 1 ESTABLISHED to 12 NEW-SYN-RECV. */
  readonly state: number;
  /** Octets that wait for recv; of a listener, the connections that wait for accept. */
  readonly receive: number;
  /** Octets that the peer has not acknowledged, sent or not; of a listener its backlog, where the kernel tells it. */
  readonly send: number;
  /** The timer that runs by Linux's number, 0 for none; milliseconds until it expires; how often what it is for was tried. */
  readonly timer: number;
  readonly expires: number;
  readonly retransmissions: number;
  readonly uid: number;
  /** Of the socket's file; 0 where no process holds it. */
  readonly inode: number;
  /** False for one in TIME-WAIT, for one that waits for accept, and for one closed by its process. */
  readonly isHeld: boolean;
  /** What only sock_diag tells. */
  readonly detail?: SocketDetail;
}

/** What sock_diag(7) tells beyond /proc/net/tcp. */
export interface SocketDetail {
  /** No other socket has it, until the machine starts anew. */
  readonly cookie: bigint;
  /** Index of the interface that the socket is bound to, or 0. */
  readonly device: number;
  /** `struct tcp_info`; absent for half-open connections and in TIME-WAIT. */
  readonly info?: Uint8Array;
  /** The name of its congestion control, and what some of them tell of themselves. */
  readonly congestion?: string;
  readonly algorithm?: Readonly<Record<string, number>>;
  readonly memory?: SocketMemory;
  readonly tos?: number;
  readonly trafficClass?: number;
  /** Bit 0: it receives no more; bit 1: it sends no more. */
  readonly shutdown?: number;
  readonly v6Only?: number;
  readonly mark?: number;
  readonly cgroup?: bigint;
}

/** Octets of memory, bookkeeping included (SK_MEMINFO_ in linux/sock_diag.h). */
export interface SocketMemory {
  readonly receive: number;
  readonly receiveLimit: number;
  readonly send: number;
  readonly sendLimit: number;
  readonly forward: number;
  readonly queued: number;
  readonly options: number;
  readonly backlog: number;
  /** Packets, and not octets: dropped for want of memory; of a listener, connections dropped. */
  readonly drops: number;
}

/** Every TCP socket of one family, from /proc/net/tcp or /proc/net/tcp6 (proc(5)); empty where there is none of them. */
export function listSockets(family: 4 | 6): readonly ListedSocket[] {
  return parseTable(readTable(family) ?? '');
}

/** The kernel's table of a family; undefined where it has none. */
export function readTable(family: 4 | 6): string | undefined {
  try {
    return readFileSync(family === 4 ? '/proc/net/tcp' : '/proc/net/tcp6', 'latin1');
  } catch {
    return undefined;
  }
}

/** Lines that are no socket's are passed over. */
export function parseTable(text: string): readonly ListedSocket[] {
  return text.split('\n').flatMap((line) => {
    const fields = LINE.exec(line);
    if (!fields) return [];
    const [, local, localPort, remote, remotePort, state, send, receive, timer, expires, retransmissions, uid, inode] =
      fields as unknown as FieldsOfLine;
    return {
      local: { octets: octetsOf(local), port: Number.parseInt(localPort, 16) },
      remote: { octets: octetsOf(remote), port: Number.parseInt(remotePort, 16) },
      state: Number.parseInt(state, 16),
      receive: Number.parseInt(receive, 16),
      send: Number.parseInt(send, 16),
      timer: Number.parseInt(timer, 16),
      expires: Number.parseInt(expires, 16) * TICK_MS,
      retransmissions: Number.parseInt(retransmissions, 16),
      uid: Number(uid),
      inode: Number(inode),
      isHeld: inode !== '0',
    };
  });
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** Slot, both ends, state, the queues, timer, retransmissions, user, timeout, inode. */
const LINE =
  /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]+):([0-9A-F]+) ([0-9A-F]{2}):([0-9A-F]+) ([0-9A-F]+) +(\d+) +\d+ (\d+)/;
type FieldsOfLine = readonly [string, string, string, string, string, string, string, string, string, string, string, string, string];

/** Each word of 32 bits is printed as a number, so on this machine's order its octets stand backwards. */
function octetsOf(hexadecimal: string): Uint8Array {
  const octets = Buffer.from(hexadecimal, 'hex');
  return new Uint8Array(octets.swap32());
}
