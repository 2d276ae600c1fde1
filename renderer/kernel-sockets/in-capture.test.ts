import { expect, test } from 'vitest';
import type { ConnectionRecord, KernelSocketRecord, Session } from '../../preload/contract.ts';
import type { ConnectionTable } from '../stores/connections.ts';
import { capturedConnections, sideOf } from './in-capture.ts';

const end = (address: string, port: number) => ({ address, port });
const socket = (local: ReturnType<typeof end>, remote?: ReturnType<typeof end>) =>
  ({ local, ...(remote && { remote }) }) as unknown as KernelSocketRecord;
const live = (id: string, more: object = {}) =>
  ({
    id,
    source: { kind: 'live', interface: 'lo', filter: '', backend: 'helper', ...more },
    status: { kind: 'running' },
  }) as unknown as Session;
const table = (...ends: readonly (readonly [ReturnType<typeof end>, ReturnType<typeof end>])[]) =>
  ({ records: ends.map(([client, server], id) => ({ id, client, server })) }) as unknown as ConnectionTable;

const client = end('127.0.0.1', 4000);
const server = end('127.0.0.1', 80);

test('both ends of a connection are found, the later of two, and IPv4 within IPv6', () => {
  const find = capturedConnections(
    [live('s1')],
    new Map([['s1', table([client, server], [end('::1', 4001), end('::1', 80)], [client, server])]]),
  );
  expect([find(socket(client, server)), find(socket(server, client))]).toEqual(Array(2).fill({ session: 's1', connection: 2 }));
  expect(find(socket(end('::ffff:127.0.0.1', 80), end('::ffff:127.0.0.1', 4000)))).toEqual({ session: 's1', connection: 2 });
  expect(find(socket(end('::1', 80), end('::1', 4001)))).toEqual({ session: 's1', connection: 1 });
  expect([find(socket(server)), find(socket(end('127.0.0.1', 81), client))]).toEqual([undefined, undefined]);
});

test('another machine’s capture, one that ended and a file are not this kernel’s', () => {
  const others = [live('s1', { host: 'far' }), { ...live('s2'), status: { kind: 'ended' } } as Session, live('s3', { kind: 'file' })];
  const find = capturedConnections(others, new Map(others.map(({ id }) => [id, table([client, server])])));
  expect(find(socket(client, server))).toBeUndefined();
});

test('a socket is the side whose end is its own', () => {
  const record = { client, server } as ConnectionRecord;
  expect([sideOf(socket(client, server), record), sideOf(socket(end('::ffff:127.0.0.1', 80), client), record)]).toEqual([
    'client',
    'server',
  ]);
});
