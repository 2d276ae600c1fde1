import type { Endpoint } from '../../../preload/contract.ts';
import type { KernelSocketsAsked } from '../../../preload/sockets.ts';
import type { Ports } from '../../kernel/inet-diag.ts';
import type { SocketOwners } from '../../kernel/socket-owners.ts';
import type { ListedSocket } from '../../kernel/socket-table.ts';
import { endpointOf } from './socket-record.ts';
import { stateOf } from './socket-states.ts';

type Ends = NonNullable<KernelSocketsAsked['between']>;

/** Both directions: on one machine both ends may be sockets of it. */
export const portsBetween = ([a, b]: Ends): readonly Ports[] => [
  { local: a.port, remote: b.port },
  ...(a.port === b.port ? [] : [{ local: b.port, remote: a.port }]),
];

const MAPPED = '::ffff:';
/** On the wire IPv4 within an IPv6 socket is IPv4. */
const onWire = (address: string): string => (address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address);

/** An end of the connection between these two. */
export function isBetween({ local, remote }: ListedSocket, [a, b]: Ends): boolean {
  const [here, there] = [endpointOf(local), endpointOf(remote)];
  const is = (end: Endpoint, other: Endpoint): boolean => onWire(end.address) === onWire(other.address) && end.port === other.port;
  return (is(here, a) && is(there, b)) || (is(here, b) && is(there, a));
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
