import type { Endpoint } from '../../../preload/contract.ts';
import type { KernelSocketRecord, KernelSocketsAsked } from '../../../preload/sockets.ts';
import type { SocketQuery } from '../../kernel/inet-diag.ts';
import type { SocketOwners } from '../../kernel/socket-owners.ts';
import type { ListedSocket } from '../../kernel/socket-table.ts';
import { closest } from './listener-queues.ts';
import { endpointOf, onWire } from './socket-record.ts';
import { ALL_STATES, LISTENER_STATES, stateOf } from './socket-states.ts';

type Ends = NonNullable<KernelSocketsAsked['between']>;

/** On one machine both ends may be sockets of it; with them whoever listens at either, and what is half-open there. */
export const queriesBetween = ([a, b]: Ends): readonly SocketQuery[] => [
  { states: ALL_STATES, local: a.port, remote: b.port },
  { states: ALL_STATES, local: b.port, remote: a.port },
  { states: LISTENER_STATES, local: a.port },
  { states: LISTENER_STATES, local: b.port },
];

const is = (end: Endpoint, other: Endpoint): boolean => onWire(end.address) === onWire(other.address) && end.port === other.port;

/** Chooses the ends of a connection, and the listeners that take connections to them. */
export function endsAndListeners(records: readonly KernelSocketRecord[], [a, b]: Ends): readonly KernelSocketRecord[] {
  const ends = records.filter(({ local, remote }) => remote && ((is(local, a) && is(remote, b)) || (is(local, b) && is(remote, a))));
  const listeners = records.filter(({ listener }) => listener);
  const taking = [{ local: a }, { local: b }, ...ends].flatMap((end) => closest(listeners, end));
  return [...new Set([...taking, ...ends])];
}

/** Sockets in whose ends, state, owners or user each word is found. */
export function searchIn(search: string, { byInode }: SocketOwners, users: ReadonlyMap<number, string>): (socket: ListedSocket) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ local, remote, state, inode, uid, isHeld }) => {
    const ends = [local, remote]
      .map(endpointOf)
      .map(({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`));
    const owners = (byInode.get(inode) ?? []).map(({ process, pid }) => `${process} ${pid}`);
    const text = [...ends, stateOf(state), ...owners, isHeld ? (users.get(uid) ?? uid) : ''].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
