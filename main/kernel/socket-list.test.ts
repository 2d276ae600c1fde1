import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listAllSockets, type SocketListing } from './socket-list.ts';
import { socketOwners } from './socket-owners.ts';
import type { ListedSocket } from './socket-table.ts';

// This machine's kernel: a listener and a connection of this very process.

const EVERY_STATE = 0x3ffe;
const ALL = [{ states: EVERY_STATE }];
const server = createServer();
let port: number;
const sockets = new Set<{ destroy(): void }>();

beforeAll(async () => {
  server.listen(0, '127.0.0.1', 7);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  const accepted = once(server, 'connection');
  const client = connect(port, '127.0.0.1');
  sockets.add(client);
  sockets.add((await accepted)[0]);
  await once(client.setNoDelay(), 'ready');
});
afterAll(() => {
  for (const one of sockets) one.destroy();
  server.close();
});

const own = (listing: SocketListing | undefined): readonly ListedSocket[] =>
  listing!.sockets
    .filter(({ local, remote }) => local.port === port || remote.port === port)
    .sort((a, b) => b.state - a.state || a.local.port - b.local.port);

test('sock_diag tells of both ends and of the listener; without it /proc/net/tcp does, less of each', async () => {
  const full = await listAllSockets(ALL);
  const less = await listAllSockets(ALL, { within: '/' });
  expect([full!.withoutDiag, full!.malformed]).toEqual([undefined, 0]);
  expect(less!.withoutDiag).toMatch(/native code .* is missing/);
  expect(own(full)).toMatchObject([
    { state: 10, receive: 0, send: 7 },
    { state: 1, isHeld: true },
    { state: 1, isHeld: true },
  ]);
  const common = ({ detail: _, send, ...rest }: ListedSocket) => (rest.state === 10 ? rest : { ...rest, send });
  expect(own(less).map(common)).toEqual(own(full).map(common));
  expect(own(full).every(({ detail }) => detail!.info!.length >= 104)).toBe(true);
});

test('only the states asked for are listed, either way', async () => {
  const LISTEN = [{ states: 1 << 10 }];
  for (const listing of [await listAllSockets(LISTEN), await listAllSockets(LISTEN, { within: '/' })])
    expect(own(listing).map(({ state }) => state)).toEqual([10]);
});

test('or those between two ports, either way', async () => {
  const [client] = own(await listAllSockets(ALL)).filter(({ remote }) => remote.port === port);
  const query = [{ states: EVERY_STATE, local: client!.local.port, remote: port }];
  for (const listing of [await listAllSockets(query), await listAllSockets(query, { within: '/' })])
    expect(own(listing).map(({ inode }) => inode)).toEqual([client!.inode]);
});

test('a socket’s owner is the process that holds its descriptor', async () => {
  const inodes = own(await listAllSockets(ALL)).map(({ inode }) => inode);
  const { byInode } = await socketOwners(new Set(inodes));
  expect(inodes.map((inode) => byInode.get(inode)?.map(({ pid }) => pid))).toEqual(Array(3).fill([process.pid]));
});
