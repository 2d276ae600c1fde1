import { createStore } from 'zustand/vanilla';
import type { ConnectionRecord } from '../../preload/contract.ts';
import { formatEndpoint } from '../format/endpoint.ts';
import { secondsSince } from '../stores/connections.ts';

export const COLUMNS = ['id', 'client', 'server', 'clientState', 'serverState', 'packets', 'bytes', 'start', 'duration', 'events'] as const;
export type Column = (typeof COLUMNS)[number];

/** How the person last arranged the list; it outlives the panel. */
export const listStore = createStore<{ readonly order: Order; readonly search: string }>(() => ({
  order: { column: 'id', descending: false },
  search: '',
}));

export interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

const sum = ({ client, server }: { readonly client: number; readonly server: number }): number => client + server;

/** What a column is sorted by. */
function keyOf(record: ConnectionRecord, column: Column): number | string {
  switch (column) {
    case 'id':
      return record.id;
    case 'client':
    case 'server':
      return formatEndpoint(record[column]);
    case 'clientState':
      return record.states.client.at(-1)?.state ?? '';
    case 'serverState':
      return record.states.server.at(-1)?.state ?? '';
    case 'packets':
      return sum(record.packets);
    case 'bytes':
      return sum(record.bytes);
    case 'start':
      return record.start.seconds + record.start.nanoseconds / 1e9;
    case 'duration':
      return secondsSince(record.start, record.end);
    case 'events':
      return record.eventCount;
  }
}

/** Everything a person may look a connection up by. */
const haystack = (record: ConnectionRecord): string =>
  [
    formatEndpoint(record.client),
    formatEndpoint(record.server),
    record.states.client.at(-1)?.state,
    record.states.server.at(-1)?.state,
    ...record.events.map((event) => event.kind),
  ]
    .join(' ')
    .toLowerCase();

/** The connections to list: those that pass the display filter, if there is one, and hold every word of `search`, in the order asked for; equal ones by id. */
export function listed(
  records: readonly (ConnectionRecord | undefined)[],
  order: Order,
  search: string,
  passing?: ReadonlySet<number>,
): readonly ConnectionRecord[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = records.filter((record): record is ConnectionRecord => {
    if (!record || (passing && !passing.has(record.id))) return false;
    if (words.length === 0) return true;
    const text = haystack(record);
    return words.every((word) => text.includes(word));
  });
  const sign = order.descending ? -1 : 1;
  if (order.column === 'id') return order.descending ? found.reverse() : found;
  return found
    .map((record) => ({ record, key: keyOf(record, order.column) }))
    .sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : a.record.id - b.record.id))
    .map(({ record }) => record);
}
