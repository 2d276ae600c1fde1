import { createStore } from 'zustand/vanilla';
import type { ConnectionRecord, Instant, LabStreams, SessionId } from '../../preload/contract.ts';
import { oncePerFrame } from './frame.ts';

/**
 * The connections of one session. The array is written in place, record by record, and `version` tells that it changed:
 * ten thousand connections are not copied thirty times a second.
 */
export interface ConnectionTable {
  /** By id; a hole has not arrived yet. */
  readonly records: (ConnectionRecord | undefined)[];
  /** How many the Workbench has. */
  total: number;
  /** How many of them are here. */
  held: number;
  /** The earliest and latest moment known, which the time axis spans. */
  origin: Instant | undefined;
  latest: Instant | undefined;
}

export interface ConnectionsState {
  readonly tables: ReadonlyMap<SessionId, ConnectionTable>;
  /** Grows by one each frame in which anything changed. */
  readonly version: number;
}

const tables = new Map<SessionId, ConnectionTable>();
export const connectionsStore = createStore<ConnectionsState>(() => ({ tables, version: 0 }));
const publish = oncePerFrame(() => connectionsStore.setState(({ version }) => ({ version: version + 1 })));

const emptyTable = (): ConnectionTable => ({ records: [], total: 0, held: 0, origin: undefined, latest: undefined });

function tableOf(session: SessionId): ConnectionTable {
  const known = tables.get(session);
  if (known) return known;
  const fresh = emptyTable();
  tables.set(session, fresh);
  return fresh;
}

/** What the stream `connections` tells. */
export function mergeConnections({ session, total, changed }: LabStreams['connections']): void {
  const table = tableOf(session);
  table.total = Math.max(table.total, total);
  for (const record of changed) put(table, record);
  publish();
}

/** One page of the request `connections`; a record the stream has overtaken meanwhile is left alone. */
export function mergePage(session: SessionId, total: number, records: readonly ConnectionRecord[]): void {
  const table = tableOf(session);
  table.total = Math.max(table.total, total);
  for (const record of records) {
    const known = table.records[record.id];
    if (!known || ageOf(record) >= ageOf(known)) put(table, record);
  }
  publish();
}

/** How much has happened on a connection; only ever grows. */
const ageOf = ({ packets, states }: ConnectionRecord): number =>
  packets.client + packets.server + states.client.length + states.server.length;

export function forgetSession(session: SessionId): void {
  if (tables.delete(session)) publish();
}

/** Both ends have nothing more to do: CLOSED, or waiting out 2MSL. */
const isOver = ({ states }: ConnectionRecord): boolean =>
  [states.client, states.server].every((spans) => spans.at(-1)?.state === 'CLOSED' || spans.at(-1)?.state === 'TIME-WAIT');

/** The connection worth showing when nobody has chosen: the one shown as long as it lives, then the newest. */
export function worthShowing(table: ConnectionTable, shown: number | undefined): number | undefined {
  const present = shown === undefined ? undefined : table.records[shown];
  if (present && !isOver(present)) return shown;
  const newest = table.records.findLast((record) => record !== undefined);
  return newest && present && isOver(newest) ? shown : newest?.id;
}

/** The first stretch of ids, at most `most` long, that has not arrived; undefined when all are here. */
export function firstGap(table: ConnectionTable, most: number): { readonly from: number; readonly count: number } | undefined {
  if (table.held >= table.total) return undefined;
  let from = 0;
  while (table.records[from]) from++;
  return { from, count: Math.min(most, table.total - from) };
}

function put(table: ConnectionTable, record: ConnectionRecord): void {
  if (!table.records[record.id]) table.held++;
  table.records[record.id] = record;
  if (record.id >= table.total) table.total = record.id + 1;
  if (!table.origin || isBefore(record.start, table.origin)) table.origin = record.start;
  for (const moment of [record.end, record.states.client.at(-1)?.from, record.states.server.at(-1)?.from])
    if (moment && (!table.latest || isBefore(table.latest, moment))) table.latest = moment;
}

export const isBefore = (a: Instant, b: Instant): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);

/** Seconds from `origin` to `moment`; exact to the nanosecond within any capture shorter than three months. */
export const secondsSince = (origin: Instant, moment: Instant): number =>
  moment.seconds - origin.seconds + (moment.nanoseconds - origin.nanoseconds) / 1e9;
