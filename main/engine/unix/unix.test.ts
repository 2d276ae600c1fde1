import { expect, test } from 'vitest';
import { Engine } from '../engine.ts';
import { Epoll, Poll } from '../sockets/poll-events.ts';
import type { Credentials } from '../sockets/processes.ts';
import type { SocketType } from '../sockets/socket.ts';
import { Calls } from '../testing/calls.ts';
import { octets, text } from '../testing/lab.ts';

const PATH = '/run/echo.sock';
const at = (address = PATH) => ({ address, port: 0 });

function lab() {
  const engine = new Engine({ seed: 1 });
  const host = engine.host({ name: 'host', addresses: [] });
  const calls = new Calls(engine);
  const program = (name: string, who?: Credentials) => host.process(name, who);
  const server = program('server');
  const client = program('client');
  const socket = (of = client, type: SocketType = 'SOCK_STREAM') => calls.value<number>((done) => of.socket('AF_UNIX', type, done));
  const serve = (backlog = 5): number => {
    const fd = socket(server);
    calls.value<void>((done) => server.bind(fd, at(), done));
    calls.value<void>((done) => server.listen(fd, backlog, done));
    return fd;
  };
  return { engine, host, calls, program, server, client, socket, serve };
}

test('a stream through a path: connected at once, no segment sent, no time passed', () => {
  const { engine, calls, server, client, socket, serve } = lab();
  const sent: string[] = [];
  engine.probes.on('segment-sent', () => sent.push('segment'));
  const l = serve();
  const c = socket();
  expect(calls.errno((done) => client.connect(c, at(), done))).toBe('ok');
  const { fd } = calls.value<{ fd: number }>((done) => server.accept(l, done));
  calls.value<number>((done) => client.write(c, octets('hello '), done));
  calls.value<number>((done) => client.write(c, octets('there'), done));
  expect(engine.snapshot().hosts[0]!.unix.map(({ state, path, octets: waiting }) => [state, path, waiting])).toEqual([
    ['listening', PATH, 0],
    ['connected', '', 0],
    ['connected', PATH, 11],
  ]);
  expect(text(calls.value<Uint8Array>((done) => server.read(fd, 3, done)))).toBe('hel');
  expect(text(calls.value<Uint8Array>((done) => server.read(fd, 100, done)))).toBe('lo there'); // over the border between the writes
  calls.value<number>((done) => client.write(c, octets('last words'), done));
  calls.value<void>((done) => client.close(c, done));
  expect(text(calls.value<Uint8Array>((done) => server.read(fd, 100, done)))).toBe('last words');
  expect(calls.value<Uint8Array>((done) => server.read(fd, 100, done))).toHaveLength(0);
  expect(calls.errno((done) => server.send(fd, octets('x'), ['MSG_NOSIGNAL'], done))).toBe('EPIPE');
  expect([sent, engine.now]).toEqual([[], 0]);
});

test('a path outlives its socket: ECONNREFUSED to those who come, EADDRINUSE to the next server, until it is unlinked', () => {
  const { calls, server, client, socket, serve } = lab();
  const connect = (): string => calls.errno((done) => client.connect(socket(), at(), done));
  expect(connect()).toBe('ENOENT');
  const l = serve();
  expect(connect()).toBe('ok');
  calls.value<void>((done) => server.close(l, done));
  expect(connect()).toBe('ECONNREFUSED');
  expect(calls.errno((done) => server.bind(socket(server), at(), done))).toBe('EADDRINUSE');
  calls.value<void>((done) => server.unlink(PATH, done));
  expect(calls.errno((done) => server.bind(socket(server), at(), done))).toBe('ok');
});

test('permissions: who may not write to the file may not connect', () => {
  const { calls, server, program, socket, serve } = lab();
  serve();
  const guest = program('guest', { uid: 1000 });
  const connect = (): string => calls.errno((done) => guest.connect(socket(guest), at(), done));
  expect(connect()).toBe('EACCES'); // umask 022 leaves others without write
  expect(calls.errno((done) => guest.chmod(PATH, 0o777, done))).toBe('EPERM');
  calls.value<void>((done) => server.chmod(PATH, 0o777, done));
  expect(connect()).toBe('ok');
});

test('a full backlog: a non-blocking connect is EAGAIN, a blocking one waits for a place', () => {
  const { calls, server, client, socket, serve } = lab();
  const l = serve(0);
  expect(calls.errno((done) => client.connect(socket(), at(), done))).toBe('ok');
  const hasty = socket();
  client.setNonBlocking(hasty, true, () => {});
  expect(calls.errno((done) => client.connect(hasty, at(), done))).toBe('EAGAIN');
  let outcome = 'waits';
  client.connect(socket(), at(), (result) => {
    outcome = result.ok ? 'ok' : result.error.errno;
  });
  calls.run(1000);
  expect(outcome).toBe('waits');
  calls.value<unknown>((done) => server.accept(l, done));
  calls.run(0);
  expect(outcome).toBe('ok');
});

test('socketpair: a writer waits for the reader when the buffer is full', () => {
  const { calls, client } = lab();
  const [a, b] = calls.value<readonly [number, number]>((done) => client.socketpair('AF_UNIX', 'SOCK_STREAM', done));
  let written = 0;
  client.write(a, new Uint8Array(300_000), (result) => {
    written = result.ok ? result.value : -1;
  });
  expect(written).toBe(0);
  let read = 0;
  while (read < 300_000) read += calls.value<Uint8Array>((done) => client.read(b, 65_536, done)).length;
  calls.run(0);
  expect(written).toBe(300_000);
});

test('datagrams keep their borders, and are not lost: the writer waits', () => {
  const { calls, server, client, socket } = lab();
  const s = socket(server, 'SOCK_DGRAM');
  calls.value<void>((done) => server.bind(s, at(), done));
  const c = socket(client, 'SOCK_DGRAM');
  const send = (words: string): string => calls.errno((done) => client.sendto(c, octets(words), ['MSG_DONTWAIT'], at(), done));
  const results = Array.from({ length: 12 }, (_, i) => send(`message ${i}`));
  expect(results).toEqual([...Array(11).fill('ok'), 'EAGAIN']); // max_dgram_qlen 10, and one more
  expect(text(calls.value<Uint8Array>((done) => server.recv(s, 7, [], done)))).toBe('message');
  expect(text(calls.value<Uint8Array>((done) => server.recv(s, 100, [], done)))).toBe('message 1');
  expect(calls.errno((done) => client.connect(socket(), at(), done))).toBe('EPROTOTYPE');
});

test('closed with data unread: the peer reads ECONNRESET', () => {
  const { calls, client } = lab();
  const [a, b] = calls.value<readonly [number, number]>((done) => client.socketpair('AF_UNIX', 'SOCK_STREAM', done));
  calls.value<number>((done) => client.write(a, octets('unread'), done));
  calls.value<void>((done) => client.close(b, done));
  expect(calls.errno((done) => client.recv(a, 10, [], done))).toBe('ECONNRESET');
});

test('an edge-triggered writer that found too little room hears of it when the reader has read', () => {
  const { calls, client } = lab();
  const [a, b] = calls.value<readonly [number, number]>((done) => client.socketpair('AF_UNIX', 'SOCK_STREAM', done));
  const set = calls.value<number>((done) => client.epoll_create(done));
  client.setNonBlocking(a, true, () => {});
  calls.value<void>((done) => client.epoll_ctl(set, 'EPOLL_CTL_ADD', a, { events: Epoll.ET | Poll.OUT, data: 1 }, done));
  const news = () => calls.value<readonly unknown[]>((done) => client.epoll_wait(set, 4, 0, done)).length;
  expect([news(), news()]).toEqual([1, 0]);
  const written = calls.value<number>((done) => client.write(a, new Uint8Array(400_000), done));
  expect(written).toBeLessThan(400_000); // in part: no EAGAIN warned the writer
  expect(news()).toBe(0);
  expect(calls.value<Uint8Array>((done) => client.read(b, 400_000, done))).toHaveLength(written);
  expect(news()).toBe(1);
});

test('who sends datagrams to a full queue is not writable until one is read', () => {
  const { calls, server, client, socket } = lab();
  const [s, c] = [socket(server, 'SOCK_DGRAM'), socket(client, 'SOCK_DGRAM')];
  calls.value<void>((done) => server.bind(s, at(), done));
  calls.value<void>((done) => client.connect(c, at(), done));
  const set = calls.value<number>((done) => client.epoll_create(done));
  calls.value<void>((done) => client.epoll_ctl(set, 'EPOLL_CTL_ADD', c, { events: Epoll.ET | Poll.OUT, data: 1 }, done));
  const news = () => calls.value<readonly unknown[]>((done) => client.epoll_wait(set, 4, 0, done)).length;
  const send = () => calls.errno((done) => client.send(c, octets('x'), ['MSG_DONTWAIT'], done));
  expect([news(), ...Array.from({ length: 12 }, send), news()]).toEqual([1, ...Array(11).fill('ok'), 'EAGAIN', 0]);
  calls.value<Uint8Array>((done) => server.recv(s, 10, [], done));
  expect([news(), send()]).toEqual([1, 'ok']);
});
