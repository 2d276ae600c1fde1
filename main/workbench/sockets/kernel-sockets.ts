import type { Result, WorkbenchError } from '../../../preload/contract.ts';
import type { KernelSocketRecord, KernelSocketsReport, SocketsGap } from '../../../preload/sockets.ts';
import { interfaceNames, userNames } from '../../kernel/names.ts';
import { listAllSockets, type SocketListing } from '../../kernel/socket-list.ts';
import { type SocketOwner, socketOwners } from '../../kernel/socket-owners.ts';
import { TCP_STATES, type TcpState } from '../../tcp-model/states.ts';
import { err, ok } from '../../wire/result.ts';
import { synQueues } from './listener-queues.ts';
import { socketRecord } from './socket-record.ts';
import { ALL_STATES } from './socket-states.ts';

export interface SocketsAsked {
  /** Every state where it is left out. */
  readonly states?: ReadonlySet<TcpState>;
  /** Sockets told of at most. */
  readonly most?: number;
}

/** The TCP sockets of this network namespace now: listeners first, then by port. */
export async function kernelSockets(asked: SocketsAsked): Promise<Result<KernelSocketsReport, WorkbenchError>> {
  const listing = await listAllSockets(ALL_STATES);
  if (!listing)
    return err({
      kind: 'not-linux',
      message: `The kernel's sockets can be listed on Linux only; this is ${process.platform}.`,
      help: 'Run it on Linux, in a virtual machine or in WSL 2.',
    });
  const names = { users: userNames(), interfaces: interfaceNames() };
  const all = listing.sockets.map((socket) => socketRecord(socket, names));
  const wanted = asked.states ? all.filter(({ state }) => asked.states?.has(state)) : all;
  const told = wanted.sort(inOrder).slice(0, asked.most);
  const owned = withOwners(told);
  return ok({
    at: Date.now(),
    source: listing.withoutDiag === undefined ? 'sock_diag' : 'proc',
    total: wanted.length,
    states: countStates(all),
    sockets: withSynQueues(owned.sockets, all),
    gaps: [...gapsOf(listing), ...owned.gaps],
  });
}

function inOrder(a: KernelSocketRecord, b: KernelSocketRecord): number {
  const listens = Number(b.state === 'LISTEN') - Number(a.state === 'LISTEN');
  if (listens !== 0) return listens;
  const port = a.local.port - b.local.port || (a.remote?.port ?? 0) - (b.remote?.port ?? 0);
  return port || compare(`${a.local.address} ${a.remote?.address} ${a.id}`, `${b.local.address} ${b.remote?.address} ${b.id}`);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function countStates(sockets: readonly KernelSocketRecord[]): Partial<Record<TcpState, number>> {
  const counts = new Map<TcpState, number>();
  for (const { state } of sockets) counts.set(state, (counts.get(state) ?? 0) + 1);
  return Object.fromEntries(TCP_STATES.flatMap((state) => (counts.has(state) ? [[state, counts.get(state)]] : [])));
}

function withOwners(sockets: readonly KernelSocketRecord[]): { sockets: readonly KernelSocketRecord[]; gaps: readonly SocketsGap[] } {
  const { byInode, hidden } = socketOwners(new Set(sockets.flatMap(({ inode }) => (inode === 0 ? [] : [inode]))));
  const ownersOf = ({ inode }: KernelSocketRecord): readonly SocketOwner[] => byInode.get(inode) ?? [];
  const unknown = sockets.filter((one) => one.inode !== 0 && ownersOf(one).length === 0).length;
  return {
    sockets: sockets.map((one) => (one.inode === 0 ? one : { ...one, owners: ownersOf(one) })),
    gaps: unknown > 0 ? [{ kind: 'hidden-owners', sockets: unknown, processes: hidden }] : [],
  };
}

/** A listener's half-open connections are rows of their own to the kernel: they are counted. */
function withSynQueues(sockets: readonly KernelSocketRecord[], all: readonly KernelSocketRecord[]): readonly KernelSocketRecord[] {
  const requests = all.filter(({ holder }) => holder === 'syn-queue');
  if (requests.length === 0) return sockets;
  const listeners = sockets.filter(({ listener }) => listener);
  const queues = synQueues(listeners, requests);
  return sockets.map((one) => (one.listener ? { ...one, listener: { ...one.listener, syn: queues.get(one)! } } : one));
}

function gapsOf({ withoutDiag, interrupted, malformed }: SocketListing): readonly SocketsGap[] {
  return [
    ...(withoutDiag === undefined ? [] : [{ kind: 'no-sock-diag' as const, why: withoutDiag }]),
    ...(interrupted ? [{ kind: 'changed' as const }] : []),
    ...(malformed > 0 ? [{ kind: 'unreadable' as const, messages: malformed }] : []),
  ];
}
