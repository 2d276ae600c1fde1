import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KernelSocketsAsked, KernelSocketsReport } from '../../../preload/sockets.ts';
import { kernelSockets } from './kernel-sockets.ts';

// This machine's kernel: a listener for both families, and an IPv4 connection to it.

const server = createServer();
let client: Socket;
let accepted: Socket;
let port: number;

beforeAll(async () => {
  server.listen(0, '::', 7);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  const came = once(server, 'connection');
  client = connect(port, '127.0.0.1');
  accepted = (await came)[0] as Socket;
});
afterAll(() => {
  client.destroy();
  accepted.destroy();
  server.close();
});

async function ask(asked: KernelSocketsAsked): Promise<KernelSocketsReport> {
  const report = await kernelSockets(asked);
  if (!report.ok) throw new Error(report.error.message);
  return report.value;
}

const brief = ({ sockets }: KernelSocketsReport) => sockets.map(({ state, local }) => [state, local.address, local.port]);

test('a connection as packets have it: its listener first, then both its ends, in whatever order they are named', async () => {
  const ends = [
    { address: '127.0.0.1', port: client.localPort! },
    { address: '127.0.0.1', port },
  ] as const;
  const told = await ask({ between: ends, most: 8 });
  const expected = [
    ['LISTEN', '::', port],
    ['ESTABLISHED', '127.0.0.1', client.localPort],
    ['ESTABLISHED', '::ffff:127.0.0.1', port],
  ];
  expect(brief(told).sort()).toEqual(expected.sort());
  expect(brief(told)[0]).toEqual(['LISTEN', '::', port]);
  expect(told).toMatchObject({ total: 3, gaps: [] });
  expect(told.sockets.map(({ owners }) => owners[0]?.pid)).toEqual(Array(3).fill(process.pid));
  expect(brief(await ask({ between: [ends[1], ends[0]], most: 8 }))).toEqual(brief(told));
  expect((await ask({ between: ends, most: 1 })).sockets).toHaveLength(1);
  expect(await ask({ between: [ends[0], { address: '127.0.0.2', port: 1 }] })).toMatchObject({ total: 0, sockets: [] });
});

test('words find sockets by their ends, state and owner; all of them have to be there', async () => {
  expect(brief(await ask({ search: `[::]:${port} listen` }))).toEqual([['LISTEN', '::', port]]);
  const own = await ask({ search: `${process.pid} :${port}` });
  expect(own.sockets.length).toBe(3);
  expect((await ask({ search: `:${port} nobody-is-called-so` })).total).toBe(0);
});

test('no more are told of than asked for, and how many there are all the same', async () => {
  const { sockets, total, states } = await ask({ states: ['ESTABLISHED'], most: 1 });
  expect([sockets.length, sockets[0]?.state]).toEqual([1, 'ESTABLISHED']);
  expect(total).toBeGreaterThanOrEqual(2);
  expect(total).toBe(states.ESTABLISHED);
  expect(states.LISTEN).toBeGreaterThanOrEqual(1);
});
