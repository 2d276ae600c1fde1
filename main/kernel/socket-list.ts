import { diagRequest, diagSocket, type SocketQuery } from './inet-diag.ts';
import { loadLinuxNative, type NativePlaces } from './linux-native.ts';
import { Netlink } from './netlink.ts';
import { type ListedSocket, parseTable, readTable } from './socket-table.ts';

/** Every TCP socket of this network namespace, and how far that is the whole truth. */
export interface SocketListing {
  readonly sockets: readonly ListedSocket[];
  /** Where the kernel would not tell through sock_diag: why not, by errno or in words. /proc/net/tcp was read instead. */
  readonly withoutDiag?: string;
  /** What was listed changed meanwhile, each time it was tried. */
  readonly interrupted: boolean;
  /** Messages of the kernel that could not be read. */
  readonly malformed: number;
}

const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const TRIES = 3;

interface Gathered {
  readonly sockets: Map<bigint, ListedSocket>;
  interrupted: boolean;
  malformed: number;
}

/**
 * The sockets that any of the queries asks for, from sock_diag(7); without it from /proc/net/tcp, which knows less of each. Undefined where the kernel
 * has neither: this is no Linux.
 */
export async function listAllSockets(queries: readonly SocketQuery[], places?: NativePlaces): Promise<SocketListing | undefined> {
  const told = await throughDiag(queries, places);
  if (typeof told !== 'string') return { sockets: [...told.sockets.values()], interrupted: told.interrupted, malformed: told.malformed };
  const [four, six] = [readTable(4), readTable(6)];
  if (four === undefined && six === undefined) return undefined;
  const isAsked = ({ state, local, remote }: ListedSocket): boolean =>
    queries.some(
      (query) =>
        ((query.states >> state) & 1) === 1 && (query.local ?? local.port) === local.port && (query.remote ?? remote.port) === remote.port,
    );
  const sockets = [...parseTable(four ?? ''), ...parseTable(six ?? '')].filter(isAsked);
  return { sockets, withoutDiag: told, interrupted: false, malformed: 0 };
}

/** The sockets, or why not. */
async function throughDiag(queries: readonly SocketQuery[], places: NativePlaces | undefined): Promise<Gathered | string> {
  const native = loadLinuxNative(places);
  if (!native.ok) return native.error.message;
  const netlink = Netlink.open(native.value, NETLINK_SOCK_DIAG);
  if (!netlink.ok) return netlink.error.message;
  try {
    const gathered: Gathered = { sockets: new Map(), interrupted: false, malformed: 0 };
    for (const family of [4, 6] as const)
      for (const query of queries) {
        const refused = await gather(netlink.value, diagRequest(family, query), gathered);
        // A kernel without IPv6 has none of its sockets.
        if (refused !== undefined && (family === 4 || readTable(6) !== undefined)) return refused;
      }
    return gathered;
  } finally {
    netlink.value.close();
  }
}

/** Adds what one request gives; gives the errno's name where the kernel refuses. */
async function gather(netlink: Netlink, ask: Uint8Array, into: Gathered): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    const found = new Map<bigint, ListedSocket>();
    let malformed = 0;
    const dumped = await netlink.dump(SOCK_DIAG_BY_FAMILY, ask, ({ type, body }) => {
      const socket = type === SOCK_DIAG_BY_FAMILY ? diagSocket(body) : undefined;
      if (socket?.detail) found.set(socket.detail.cookie, socket);
      else malformed++;
    });
    if (!dumped.ok) return dumped.errno;
    if (dumped.value.interrupted && tries < TRIES) continue;
    for (const [cookie, socket] of found) into.sockets.set(cookie, socket);
    into.interrupted ||= dumped.value.interrupted;
    into.malformed += malformed + (dumped.value.malformed ? 1 : 0);
    return undefined;
  }
}
