import type { Result, WorkbenchError } from '../../../preload/contract.ts';
import type { KernelSocketRecord, KernelSocketsAsked, KernelSocketsReport, SocketsGap } from '../../../preload/sockets.ts';
import { interfaceNames, userNames } from '../../kernel/names.ts';
import { listAllSockets, type SocketListing } from '../../kernel/socket-list.ts';
import { type SocketOwners, socketOwners } from '../../kernel/socket-owners.ts';
import type { ListedSocket } from '../../kernel/socket-table.ts';
import { TCP_STATES, type TcpState } from '../../tcp-model/states.ts';
import { err, ok } from '../../wire/result.ts';
import { synQueues } from './listener-queues.ts';
import { endsAndListeners, queriesBetween, searchIn } from './socket-choice.ts';
import { type Names, socketRecord } from './socket-record.ts';
import { ALL_STATES, stateOf } from './socket-states.ts';

/** The TCP sockets of this network namespace now: listeners first, then by port. Those not told of cost little. */
export async function kernelSockets(asked: KernelSocketsAsked): Promise<Result<KernelSocketsReport, WorkbenchError>> {
  const listing = await listAllSockets(asked.between ? queriesBetween(asked.between) : [{ states: ALL_STATES }]);
  if (!listing)
    return err({
      kind: 'not-linux',
      message: `The kernel's sockets can be listed on Linux only; this is ${process.platform}.`,
      help: 'Run it on Linux, in a virtual machine or in WSL 2.',
    });
  const names = { users: userNames(), interfaces: interfaceNames() };
  const { sockets, total, owners } = await choose(listing.sockets, asked, names);
  const records = withSynQueues(
    sockets.map((one) => ({ ...one, owners: owners.byInode.get(one.inode) ?? [] })),
    listing.sockets,
    names,
  );
  return ok({
    at: Date.now(),
    source: listing.withoutDiag === undefined ? 'sock_diag' : 'proc',
    total,
    states: countStates(listing.sockets),
    sockets: records,
    gaps: [...gapsOf(listing), ...hiddenOwners(records, owners)],
  });
}

interface Chosen {
  readonly sockets: readonly KernelSocketRecord[];
  /** How many there would be, were they all told of. */
  readonly total: number;
  readonly owners: SocketOwners;
}

async function choose(
  all: readonly ListedSocket[],
  { states = [], search = '', between, most }: KernelSocketsAsked,
  names: Names,
): Promise<Chosen> {
  let wanted = states.length > 0 ? all.filter(({ state }) => states.includes(stateOf(state))) : [...all];
  let owners: SocketOwners | undefined;
  if (search.trim() !== '') {
    owners = await ownersOf(wanted);
    wanted = wanted.filter(searchIn(search, owners, names.users));
  }
  const told = wanted.sort(inOrder).slice(0, between ? undefined : most);
  const records = told.map((one) => socketRecord(one, names));
  const sockets = between ? endsAndListeners(records, between) : records;
  return { sockets: sockets.slice(0, most), total: between ? sockets.length : wanted.length, owners: owners ?? (await ownersOf(told)) };
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

const ownersOf = (sockets: readonly ListedSocket[]): Promise<SocketOwners> =>
  socketOwners(new Set(sockets.flatMap(({ inode }) => (inode === 0 ? [] : [inode]))));

function hiddenOwners(records: readonly KernelSocketRecord[], { hidden }: SocketOwners): readonly SocketsGap[] {
  const unknown = records.filter(({ inode, owners }) => inode !== 0 && owners.length === 0).length;
  return unknown > 0 ? [{ kind: 'hidden-owners', sockets: unknown, processes: hidden }] : [];
}

/** A listener's half-open connections are sockets of their own to the kernel: they are counted, by all listeners, shown or not. */
function withSynQueues(records: readonly KernelSocketRecord[], all: readonly ListedSocket[], names: Names): readonly KernelSocketRecord[] {
  const ofState = (state: TcpState) => all.filter((one) => stateOf(one.state) === state).map((one) => socketRecord(one, names));
  const halfOpen = ofState('SYN-RECEIVED').filter(({ holder }) => holder === 'syn-queue');
  if (halfOpen.length === 0) return records;
  const queues = new Map([...synQueues(ofState('LISTEN'), halfOpen)].map(([{ id }, queue]) => [id, queue]));
  return records.map((one) => (one.listener ? { ...one, listener: { ...one.listener, syn: queues.get(one.id)! } } : one));
}

function gapsOf({ withoutDiag, interrupted, malformed }: SocketListing): readonly SocketsGap[] {
  return [
    ...(withoutDiag === undefined ? [] : [{ kind: 'no-sock-diag' as const, why: withoutDiag }]),
    ...(interrupted ? [{ kind: 'changed' as const }] : []),
    ...(malformed > 0 ? [{ kind: 'unreadable' as const, messages: malformed }] : []),
  ];
}
