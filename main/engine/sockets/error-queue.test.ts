import { expect, test } from 'vitest';
import { readU16 } from '../../wire/octets.ts';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import { Calls } from '../testing/calls.ts';
import { octets, text } from '../testing/lab.ts';
import { Epoll, Poll } from './poll-events.ts';
import type { ReceivedMessage } from './protocol.ts';

/** A host, and a router that knows no way on. */
function atTheEdge() {
  const engine = new Engine({ seed: 3 });
  const host = engine.host({ name: 'host', addresses: ['10.0.0.1/24'], routes: [{ to: 'default', via: '10.0.0.254' }] });
  const [sysctls, routes] = [{ 'net.ipv4.ip_forward': 1 }, [{ to: '10.9.0.0/16', via: '10.0.0.9' }]];
  const router = engine.host({ name: 'router', addresses: ['10.0.0.254/24'], sysctls, routes });
  engine.cable(host, router, { delay: ms(1) });
  const calls = new Calls(engine);
  const program = host.process('program');
  const socket = (type: 'SOCK_STREAM' | 'SOCK_DGRAM') => calls.value<number>((done) => program.socket('AF_INET', type, done));
  const errorOf = (fd: number, room = 100) => calls.value<ReceivedMessage>((done) => program.recvmsg(fd, [room], ['MSG_ERRQUEUE'], done));
  return { engine, host, calls, program, socket, errorOf };
}

const NOWHERE = { address: '192.0.2.1', port: 80 };

test('a TCP that finds no way: connect() fails, and the error queue holds the SYN and who sent the ICMP message', () => {
  const { calls, program, socket, errorOf } = atTheEdge();
  const fd = socket('SOCK_STREAM'); // IP_RECVERR is not needed for this
  expect(calls.errno((done) => program.connect(fd, NOWHERE, done))).toBe('ENETUNREACH');
  const told = errorOf(fd);
  expect(told.from).toEqual(NOWHERE);
  expect([readU16(told.octets, 2), told.octets.length]).toEqual([80, 40]); // the SYN's header with its options
  expect(told.flags).toEqual(['MSG_ERRQUEUE']);
  expect(told.control).toEqual([
    {
      level: 'SOL_IP',
      type: 'IP_RECVERR',
      error: {
        errno: 'ENETUNREACH',
        origin: 'SO_EE_ORIGIN_ICMP',
        type: 3,
        code: 0,
        info: 0,
        data: 0,
        offender: { address: '10.0.0.254', port: 0 },
      },
    },
  ]);
  expect(calls.errno((done) => program.recvmsg(fd, [100], ['MSG_ERRQUEUE'], done))).toBe('EAGAIN');
});

test('a passing trouble is no news to UDP, but with IP_RECVERR it is, without a connection too', () => {
  const { calls, program, socket, errorOf } = atTheEdge();
  const [plain, curious] = [socket('SOCK_DGRAM'), socket('SOCK_DGRAM')];
  calls.value<void>((done) => program.setsockopt(curious, 'IP_RECVERR', 1, done));
  for (const fd of [plain, curious]) calls.value<number>((done) => program.sendto(fd, octets('hello'), [], NOWHERE, done));
  calls.run(10);
  const ready = calls.value<readonly unknown[]>((done) =>
    program.poll(
      [plain, curious].map((fd) => ({ fd, events: Poll.IN })),
      0,
      done,
    ),
  );
  expect(ready).toEqual([{ fd: curious, revents: Poll.ERR }]);
  const told = errorOf(curious, 3);
  expect([text(told.octets), told.length, told.flags]).toEqual(['hel', 5, ['MSG_TRUNC', 'MSG_ERRQUEUE']]);
});

test('a datagram too long for the path never leaves: the queue tells the MTU', () => {
  const { calls, program, socket, errorOf } = atTheEdge();
  const fd = socket('SOCK_DGRAM');
  calls.value<void>((done) => program.setsockopt(fd, 'IP_RECVERR', 1, done));
  calls.value<void>((done) => program.setsockopt(fd, 'IP_MTU_DISCOVER', 2, done));
  expect(calls.errno((done) => program.sendto(fd, new Uint8Array(1473), [], NOWHERE, done))).toBe('EMSGSIZE');
  expect(errorOf(fd).control[0]).toMatchObject({
    error: { errno: 'EMSGSIZE', origin: 'SO_EE_ORIGIN_LOCAL', info: 1500, offender: undefined },
  });
  expect(calls.value((done) => program.socketError(fd, done))).toBe(undefined);
});

test('an edge-triggered wait hears of each entry', () => {
  const { calls, program, socket, errorOf } = atTheEdge();
  const [fd, set] = [socket('SOCK_DGRAM'), calls.value<number>((done) => program.epoll_create(done))];
  calls.value<void>((done) => program.setsockopt(fd, 'IP_RECVERR', 1, done));
  calls.value<void>((done) => program.epoll_ctl(set, 'EPOLL_CTL_ADD', fd, { events: Epoll.ET | Poll.IN, data: 7 }, done));
  const waits = () => calls.value<readonly unknown[]>((done) => program.epoll_wait(set, 8, 50, done));
  const trouble = () => calls.errno((done) => program.sendto(fd, octets('x'), [], NOWHERE, done));
  expect([trouble(), waits()]).toEqual(['ok', [{ events: Poll.ERR, data: 7 }]]);
  expect(waits()).toEqual([]); // told once, though the entry is still there
  calls.run(1000); // the router does not tell more often
  expect([trouble(), trouble(), waits()]).toEqual(['ENETUNREACH', 'ok', [{ events: Poll.ERR, data: 7 }]]);
  expect([errorOf(fd), errorOf(fd)].map((told) => text(told.octets))).toEqual(['x', 'x']);
});

test('who never reads the queue fills no memory: SO_RCVBUF bounds it', () => {
  const { calls, program, socket } = atTheEdge();
  const fd = socket('SOCK_DGRAM');
  calls.value<void>((done) => program.setsockopt(fd, 'IP_RECVERR', 1, done));
  calls.value<void>((done) => program.setsockopt(fd, 'SO_RCVBUF', 4000, done)); // 8000 with bookkeeping
  for (let i = 0; i < 20; i++) calls.errno((done) => program.sendto(fd, octets('x'), [], { address: '127.0.0.1', port: 9 }, done));
  calls.run(10);
  let queued = 0;
  while (calls.errno((done) => program.recvmsg(fd, [1], ['MSG_ERRQUEUE'], done)) === 'ok') queued++;
  expect(queued).toBe(10);
});
