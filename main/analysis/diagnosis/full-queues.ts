import { Connection } from '../connection-store.ts';
import { type FullQueue, fullQueueOf } from '../listeners/full-queue.ts';
import { type ListenerTables, portsOf } from '../listeners/listeners.ts';
import { type PacketColumns, slot } from '../packet-columns.ts';
import { instantOf } from '../report/packets.ts';
import type { Finding } from './finding.ts';
import { counted } from './words.ts';

/** Packets and connections that stand for all. */
const NAMED = 8;

const CONFIRM = {
  accept:
    'On the server `ss -ltn` shows Recv-Q above Send-Q for the listener, and `nstat TcpExtListenOverflows` grows. Its program accepts too slowly, or its backlog (and `net.core.somaxconn`) is too small.',
  syn: 'On the server `nstat TcpExtTCPReqQFullDrop TcpExtListenDrops` grows. `net.ipv4.tcp_syncookies` keeps a full SYN queue from refusing anybody.',
} as const;

/** Listeners that passed SYNs over because a queue had no room. */
export function fullQueues(tables: ListenerTables): Finding[] {
  if (!someSynWasResent(tables)) return [];
  return portsOf(tables).flatMap((port) => {
    const full = fullQueueOf(port, tables.columns, tables.clock);
    return full ? [findingOf(full, tables.columns)] : [];
  });
}

/** Without that there is nothing to look for, which spares a look at every handshake. */
function someSynWasResent({ store }: ListenerTables): boolean {
  const connection = new Connection();
  for (let id = 0; id < store.count; id++) {
    store.seek(id, connection);
    if (connection.synInterval > 0) return true;
  }
  return false;
}

function findingOf({ port, queue, holds, rows, drained }: FullQueue, columns: PacketColumns): Finding {
  const { address, port: number } = port.endpoint;
  const connections = [...new Set(rows.map((row) => columns.page(row).connection(slot(row))))];
  const stood =
    queue === 'accept' ? `${counted(holds, 'connection')} waited to be accepted` : `${counted(holds, 'connection')} stood half-open`;
  return {
    kind: queue === 'accept' ? 'accept-queue-full' : 'syn-queue-full',
    severity: 'problem',
    ambiguous: !drained,
    side: 'server',
    connections: connections.slice(0, NAMED),
    packets:
      rows.length <= NAMED
        ? rows.map((row) => columns.frame(row))
        : [...rows.slice(0, NAMED), rows.at(-1)!].map((row) => columns.frame(row)),
    packetCount: rows.length,
    from: instantOf(columns, rows[0]!),
    to: instantOf(columns, rows.at(-1)!),
    text: `${counted(rows.length, 'SYN')} of ${counted(connections.length, 'connection')} to ${address} port ${number} stayed without an answer, each while at least ${stood}; with fewer each was answered${drained ? ', again once there was room' : ''}. So the ${queue === 'accept' ? 'accept' : 'SYN'} queue of its listener was full${drained ? '' : ', or the server was cut off just then'}.`,
    confirm: CONFIRM[queue],
    values: { syns: rows.length, connections: connections.length, holds },
  };
}
