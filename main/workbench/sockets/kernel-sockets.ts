import type { Result, WorkbenchError } from '../../../preload/contract.ts';
import type { KernelSocketRecord, KernelSocketsAsked, KernelSocketsReport, SocketsGap } from '../../../preload/sockets.ts';
import { interfaceNames, userNames } from '../../kernel/names.ts';
import { listAllSockets, type SocketListing } from '../../kernel/socket-list.ts';
import { type SocketOwners, socketOwners } from '../../kernel/socket-owners.ts';
import type { ListedSocket } from '../../kernel/socket-table.ts';
import { TCP_STATES, type TcpState } from '../../tcp-model/states.ts';
import { err, ok } from '../../wire/result.ts';
import { synQueues } from './listener-queues.ts';
import { isBetween, portsBetween, searchIn } from './socket-choice.ts';
import { type Names, socketRecord } from './socket-record.ts';
import { ALL_STATES, stateOf } from './socket-states.ts';

/** The TCP sockets of this network namespace now: listeners first, then by port. Those not told of cost little. */
export async function kernelSockets(asked: KernelSocketsAsked): Promise<Result<KernelSocketsReport, WorkbenchError>> {
  const { between, search = '' } = asked;
  const listing = await listAllSockets({ states: ALL_STATES, ...(between && { ports: portsBetween(between) }) });
  if (!listing)
    return err({
      kind: 'not-linux',
      message: `The kernel's sockets can be listed on Linux only; this is ${process.platform}.`,
      help: 'Run it on Linux, in a virtual machine or in WSL 2.',
    });
  const names = { users: userNames(), interfaces: interfaceNames() };
  const states = asked.states && asked.states.length > 0 ? new Set(asked.states) : undefined;
  let wanted = listing.sockets.filter((one) => (!states || states.has(stateOf(one.state))) && (!between || isBetween(one, between)));
  let owners: SocketOwners | undefined;
  if (search.trim() !== '') {
    owners = ownersOf(wanted);
    wanted = wanted.filter(searchIn(search, owners, names.users));
  }
  const told = wanted.sort(inOrder).slice(0, asked.most);
  owners ??= ownersOf(told);
  const records = withSynQueues(
    told.map((one) => withOwners(socketRecord(one, names), owners)),
    listing.sockets,
    names,
  );
  return ok({
    at: Date.now(),
    source: listing.withoutDiag === undefined ? 'sock_diag' : 'proc',
    total: wanted.length,
    states: countStates(listing.sockets),
    sockets: records,
    gaps: [...gapsOf(listing), ...hiddenOwners(records, owners)],
  });
}

const LISTEN = 10;

function inOrder(a: ListedSocket, b: ListedSocket): number {
  return (
    Number(b.state === LISTEN) - Number(a.state === LISTEN) ||
    a.local.port - b.local.port ||
    a.remote.port - b.remote.port ||
    a.local.octets.length - b.local.octets.length ||
    Buffer.compare(a.local.octets, b.local.octets) ||
    Buffer.compare(a.remote.octets, b.remote.octets) ||
    a.inode - b.inode
  );
}

function countStates(sockets: readonly ListedSocket[]): Partial<Record<TcpState, number>> {
  const counts = new Map<TcpState, number>();
  for (const { state } of sockets) counts.set(stateOf(state), (counts.get(stateOf(state)) ?? 0) + 1);
  return Object.fromEntries(TCP_STATES.flatMap((state) => (counts.has(state) ? [[state, counts.get(state)]] : [])));
}

const ownersOf = (sockets: readonly ListedSocket[]): SocketOwners =>
  socketOwners(new Set(sockets.flatMap(({ inode }) => (inode === 0 ? [] : [inode]))));

const withOwners = (record: KernelSocketRecord, { byInode }: SocketOwners): KernelSocketRecord => ({
  ...record,
  owners: byInode.get(record.inode) ?? [],
});

function hiddenOwners(records: readonly KernelSocketRecord[], { hidden }: SocketOwners): readonly SocketsGap[] {
  const unknown = records.filter(({ inode, owners }) => inode !== 0 && owners.length === 0).length;
  return unknown > 0 ? [{ kind: 'hidden-owners', sockets: unknown, processes: hidden }] : [];
}

/** A listener's half-open connections are sockets of their own to the kernel: they are counted. */
function withSynQueues(records: readonly KernelSocketRecord[], all: readonly ListedSocket[], names: Names): readonly KernelSocketRecord[] {
  const listeners = records.filter(({ listener }) => listener);
  if (listeners.length === 0) return records;
  const halfOpen = all.filter((one) => !one.isHeld && stateOf(one.state) === 'SYN-RECEIVED').map((one) => socketRecord(one, names));
  const queues = synQueues(
    listeners,
    halfOpen.filter(({ holder }) => holder === 'syn-queue'),
  );
  return records.map((one) => (one.listener ? { ...one, listener: { ...one.listener, syn: queues.get(one)! } } : one));
}

function gapsOf({ withoutDiag, interrupted, malformed }: SocketListing): readonly SocketsGap[] {
  return [
    ...(withoutDiag === undefined ? [] : [{ kind: 'no-sock-diag' as const, why: withoutDiag }]),
    ...(interrupted ? [{ kind: 'changed' as const }] : []),
    ...(malformed > 0 ? [{ kind: 'unreadable' as const, messages: malformed }] : []),
  ];
}
