import { expect, test } from 'vitest';
import type { ListedSocket } from '../../kernel/socket-table.ts';
import { socketRecord } from './socket-record.ts';

const NAMES = { users: new Map([[1000, 'alice']]), interfaces: new Map([[2, 'eth0']]) };
const end = (host: number, port: number) => ({ octets: Uint8Array.of(192, 0, 2, host), port });
const [ESTABLISHED, SYN_RECV, FIN_WAIT_2, LISTEN, NEW_SYN_RECV] = [1, 3, 5, 10, 12];
const TFO_CHILD = new Uint8Array(8);

/** As /proc/net/tcp tells of it. */
const BARE: ListedSocket = {
  local: end(1, 80),
  remote: end(2, 4000),
  state: ESTABLISHED,
  receive: 3,
  send: 4,
  timer: 0,
  expires: 0,
  retransmissions: 0,
  uid: 1000,
  inode: 7,
  isHeld: true,
};
const record = (changes: Partial<ListedSocket>) => socketRecord({ ...BARE, detail: { cookie: 0xabcn, device: 0 }, ...changes }, NAMES);
const loose = { isHeld: false, inode: 0, uid: 0 };

test('a socket that a process holds has a user; one that none holds is somewhere, and whose it was is not known', () => {
  expect(record({})).toMatchObject({ id: 'abc', holder: 'process', uid: 1000, user: 'alice', local: { address: '192.0.2.1', port: 80 } });
  expect(record({ uid: 77 })).not.toHaveProperty('user');
  const holders = [
    record(loose),
    record({ ...loose, state: NEW_SYN_RECV }),
    record({ ...loose, state: SYN_RECV }),
    record({ ...loose, state: SYN_RECV, detail: { cookie: 1n, device: 0, info: TFO_CHILD } }),
    record({ ...loose, state: FIN_WAIT_2 }),
  ];
  expect(holders.map(({ holder, uid }) => [holder, uid])).toEqual(
    ['accept-queue', 'syn-queue', 'syn-queue', 'accept-queue', 'kernel'].map((holder) => [holder, undefined]),
  );
});

test('a listener’s queue counts connections, and where its backlog is not told there is none', () => {
  const listener = { state: LISTEN, remote: end(0, 0) };
  expect(record(listener)).toMatchObject({ listener: { accept: { length: 3, backlog: 4 } } });
  expect(record(listener)).not.toHaveProperty('remote');
  const without = socketRecord({ ...BARE, ...listener }, NAMES);
  expect(without.listener?.accept).toEqual({ length: 3 });
  expect(without.id).toBe('c0000201:80-c0000200:0-7');
});

test('timers are named for what they do in their state', () => {
  const kind = (changes: Partial<ListedSocket>) => record({ expires: 40, retransmissions: 2, ...changes }).timer;
  expect(kind({ timer: 1 })).toEqual({ kind: 'retransmission', left: 40, tries: 2 });
  expect(kind({ timer: 1, ...loose, state: NEW_SYN_RECV })?.kind).toBe('syn-ack');
  expect(kind({ timer: 3, ...loose, state: FIN_WAIT_2 })?.kind).toBe('fin-wait-2');
  expect(kind({ timer: 2, state: FIN_WAIT_2 })?.kind).toBe('keep-alive');
  expect([4, 9].map((timer) => kind({ timer })?.kind)).toEqual(['persist', 'unknown']);
  expect(kind({ timer: 0 })).toBeUndefined();
});

test('the interface it is bound to has its name, or its number', () => {
  expect([2, 9, 0].map((device) => record({ detail: { cookie: 1n, device } }).interface)).toEqual(['eth0', '9', undefined]);
});
