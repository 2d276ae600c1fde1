import type { ConnectionRecord, Endpoint, KernelSocketRecord, Session } from '../../preload/contract.ts';
import type { ConnectionTable } from '../stores/connections.ts';

/** A connection of a capture. */
export interface Captured {
  readonly session: string;
  readonly connection: number;
}

const MAPPED = '::ffff:';
/** On the wire IPv4 within an IPv6 socket is IPv4. */
const onWire = ({ address, port }: Endpoint): string =>
  `${address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address} ${port}`;

/** The same for both ends of a connection. */
const keyOf = (a: Endpoint, b: Endpoint): string => [onWire(a), onWire(b)].sort().join(' ');

/** A capture that runs on this machine: its connections may be this kernel's. */
export const isOfThisKernel = ({ source, status }: Session): boolean =>
  source.kind === 'live' && source.host === undefined && status.kind === 'running';

/** The connections that the captures which run on this machine hold, to be found by a socket. Of the same ends the latest counts. */
export function capturedConnections(
  sessions: readonly Session[],
  tables: ReadonlyMap<string, ConnectionTable>,
): (socket: KernelSocketRecord) => Captured | undefined {
  const found = new Map<string, Captured>();
  for (const { id } of sessions.filter(isOfThisKernel))
    for (const record of tables.get(id)?.records ?? [])
      if (record) found.set(keyOf(record.client, record.server), { session: id, connection: record.id });
  return ({ local, remote }) => (remote ? found.get(keyOf(local, remote)) : undefined);
}

/** Which side of a captured connection a socket is. */
export const sideOf = ({ local }: KernelSocketRecord, { client }: Pick<ConnectionRecord, 'client'>): 'client' | 'server' =>
  onWire(local) === onWire(client) ? 'client' : 'server';
