import { describe, expect, test } from 'vitest';
import { Calls } from '../testing/calls.ts';
import { Lab, octets, text } from '../testing/lab.ts';
import type { EpollEvent } from './epoll.ts';
import type { PollResult, SelectSets } from './poll.ts';
import { Epoll, Poll } from './poll-events.ts';

function connected() {
  const lab = new Lab();
  const ends = lab.connected();
  const calls = new Calls(lab.engine);
  const say = (words: string): void => {
    calls.value<number>((done) => lab.a.send(ends.c, octets(words), [], done));
    calls.run(60);
  };
  return { lab, calls, say, ...ends };
}

describe('poll and select', () => {
  test('poll waits until something can be read, or until the time is over', () => {
    const { lab, calls, s, c } = connected();
    const began = lab.engine.now;
    expect(calls.value<readonly PollResult[]>((done) => lab.b.poll([{ fd: s, events: Poll.IN }], 100, done))).toEqual([]);
    expect((lab.engine.now - began) / 1e6).toBe(100);
    const waiting = lab.call<readonly PollResult[]>((done) => lab.b.poll([{ fd: s, events: Poll.IN }], -1, done));
    lab.a.send(c, octets('x'), [], () => {});
    lab.run(50);
    expect(waiting.result).toEqual({ ok: true, value: [{ fd: s, revents: Poll.IN }] });
    expect(waiting.at! - began / 1e6).toBe(105); // when the segment arrived
  });

  test('a listener is readable when accept would not wait; a descriptor that is not open is POLLNVAL', () => {
    const lab = new Lab();
    const l = lab.listening();
    const waiting = lab.call<readonly PollResult[]>((done) => lab.b.poll([{ fd: l, events: Poll.IN }], -1, done));
    lab.connecting();
    lab.run(50);
    expect(waiting.result).toEqual({ ok: true, value: [{ fd: l, revents: Poll.IN }] });
    const bad = lab.call<readonly PollResult[]>((done) => lab.b.poll([{ fd: 99, events: Poll.IN }], -1, done));
    expect(bad.result).toEqual({ ok: true, value: [{ fd: 99, revents: Poll.NVAL }] });
  });

  test('select tells a non-blocking connect by writability, and a closed descriptor by EBADF', () => {
    const lab = new Lab();
    const calls = new Calls(lab.engine);
    lab.listening();
    const c = lab.socket(lab.a);
    lab.a.setNonBlocking(c, true, () => {});
    expect(calls.errno((done) => lab.a.connect(c, { address: '10.0.0.2', port: 9502 }, done))).toBe('EINPROGRESS');
    const ready = calls.value<SelectSets>((done) => lab.a.select({ read: [c], write: [c], except: [] }, 1000, done));
    expect([ready, lab.engine.now / 1e6]).toEqual([{ read: [], write: [c], except: [] }, 10]);
    expect(calls.errno((done) => lab.a.select({ read: [50], write: [], except: [] }, 0, done))).toBe('EBADF');
  });
});

describe('epoll', () => {
  const setUp = (events: number) => {
    const world = connected();
    const { lab, calls, s } = world;
    const ep = calls.value<number>((done) => lab.b.epoll_create(done));
    const control = (op: 'EPOLL_CTL_ADD' | 'EPOLL_CTL_MOD' | 'EPOLL_CTL_DEL', wanted = events) =>
      calls.errno((done) => lab.b.epoll_ctl(ep, op, s, { events: wanted, data: 42 }, done));
    const wait = (milliseconds = 0) =>
      calls.value<readonly EpollEvent[]>((done) => lab.b.epoll_wait(ep, 10, milliseconds, done)).map((event) => event.events);
    expect(control('EPOLL_CTL_ADD')).toBe('ok');
    return { ...world, ep, control, wait };
  };

  test('level: told again and again while there is something to read', () => {
    const { say, wait, calls, lab, s } = setUp(Poll.IN);
    expect(wait()).toEqual([]);
    say('hello');
    expect([wait(), wait()]).toEqual([[Poll.IN], [Poll.IN]]);
    calls.value<Uint8Array>((done) => lab.b.recv(s, 100, [], done));
    expect(wait()).toEqual([]);
  });

  test('edge: told once for each arrival, however much is left unread', () => {
    const { say, wait, calls, lab, s } = setUp(Poll.IN + Epoll.ET);
    say('hello');
    expect([wait(), wait()]).toEqual([[Poll.IN], []]);
    calls.value<Uint8Array>((done) => lab.b.recv(s, 2, [], done));
    expect(wait()).toEqual([]); // the program that does not read to EAGAIN waits for ever
    say('again');
    expect([wait(), wait()]).toEqual([[Poll.IN], []]);
  });

  test('edge: once a write found no room, the room that comes is news, however much of it there was before', () => {
    const lab = new Lab();
    const { c, s } = lab.connected();
    lab.value<void>((done) => lab.a.setNonBlocking(c, true, done));
    lab.value<void>((done) => lab.a.setsockopt(c, 'SO_SNDBUF', 2000, done)); // two segments, which one ACK acknowledges
    const epfd = lab.value<number>((done) => lab.a.epoll_create(done));
    const interest = { events: Poll.OUT | Epoll.ET, data: 1 };
    lab.value<void>((done) => lab.a.epoll_ctl(epfd, 'EPOLL_CTL_ADD', c, interest, done));
    const told = () => lab.value<readonly unknown[]>((done) => lab.a.epoll_wait(epfd, 8, 10_000, done));
    expect(told()).toHaveLength(1);
    let errno = 'ok';
    while (errno === 'ok') errno = lab.errno(lab.call<number>((done) => lab.a.send(c, new Uint8Array(50_000), [], done)));
    lab.b.recv(s, 10_000_000, ['MSG_WAITALL'], () => {});
    expect([errno, told().length]).toEqual(['EAGAIN', 1]);
  });

  test('EPOLLONESHOT: silent after one event, until EPOLL_CTL_MOD', () => {
    const { say, wait, control } = setUp(Poll.IN | Epoll.ONESHOT);
    say('one');
    expect([wait(), wait()]).toEqual([[Poll.IN], []]);
    say('two');
    expect(wait()).toEqual([]);
    expect(control('EPOLL_CTL_MOD')).toBe('ok');
    expect(wait()).toEqual([Poll.IN]);
  });

  test('EPOLLRDHUP: the peer has sent its FIN', () => {
    const { wait, lab, c, calls } = setUp(Poll.RDHUP);
    calls.value<void>((done) => lab.a.shutdown(c, 'SHUT_WR', done));
    expect(wait(1000)).toEqual([Poll.RDHUP]);
  });

  test('EEXIST, ENOENT, and a closed socket leaves by itself', () => {
    const { say, wait, control, calls, lab, s } = setUp(Poll.IN);
    expect(control('EPOLL_CTL_ADD')).toBe('EEXIST');
    expect([control('EPOLL_CTL_DEL'), control('EPOLL_CTL_DEL'), control('EPOLL_CTL_MOD')]).toEqual(['ok', 'ENOENT', 'ENOENT']);
    expect(control('EPOLL_CTL_ADD')).toBe('ok');
    say('x');
    calls.value<void>((done) => lab.b.close(s, done));
    expect(wait()).toEqual([]);
  });
});

describe('descriptors', () => {
  test('dup: the connection lives until the last descriptor is closed', () => {
    const { lab, calls, say, s } = connected();
    const twin = calls.value<number>((done) => lab.b.dup(s, done));
    calls.value<void>((done) => lab.b.close(s, done));
    say('still here');
    expect(text(calls.value<Uint8Array>((done) => lab.b.recv(twin, 100, [], done)))).toBe('still here');
    expect(lab.state(lab.server, 9502)).toBe('ESTABLISHED');
    calls.value<void>((done) => lab.b.close(twin, done));
    expect(lab.state(lab.server, 9502)).toBe('FIN-WAIT-1');
  });

  test('dup2 takes the place of another, which is closed', () => {
    const { lab, calls, s, l } = connected();
    expect(calls.value<number>((done) => lab.b.dup2(s, l, done))).toBe(l);
    expect([...lab.server.connections.listeners()]).toEqual([]);
    expect(calls.value<{ port: number }>((done) => lab.b.getpeername(l, done)).port).toBeGreaterThan(0);
    expect(calls.errno((done) => lab.b.dup2(77, l, done))).toBe('EBADF');
  });

  test('readv and writev gather and scatter; sendmsg and recvmsg too', () => {
    const { lab, calls, s, c } = connected();
    expect(calls.value<number>((done) => lab.a.writev(c, [octets('one'), octets('two')], done))).toBe(6);
    const parts = calls.value<readonly Uint8Array[]>((done) => lab.b.readv(s, [2, 100], done));
    expect(parts.map(text)).toEqual(['on', 'etwo']);
    calls.value<number>((done) => lab.a.sendmsg(c, [octets('a'), octets('b')], [], undefined, done));
    expect(
      calls.value<{ buffers: readonly Uint8Array[] }>((done) => lab.b.recvmsg(s, [1, 1], ['MSG_WAITALL'], done)).buffers.map(text),
    ).toEqual(['a', 'b']);
  });

  test('a program that writes where nobody reads: EPIPE, and SIGPIPE for those who do not ignore it', () => {
    const { lab, calls, c } = connected();
    let signals = 0;
    lab.a.signal('SIGPIPE', () => signals++);
    calls.value<void>((done) => lab.a.shutdown(c, 'SHUT_WR', done));
    expect(calls.errno((done) => lab.a.send(c, octets('x'), ['MSG_NOSIGNAL'], done))).toBe('EPIPE');
    expect(signals).toBe(0);
    expect(calls.errno((done) => lab.a.write(c, octets('x'), done))).toBe('EPIPE');
    expect(signals).toBe(1);
    lab.a.signal('SIGPIPE', 'SIG_DFL');
    lab.a.write(c, octets('x'), () => {});
    expect(lab.a.descriptors()).toEqual([]); // it ended, and everything it held is closed
  });
});

test('a dual-stack listener tells an IPv4 client by its mapped address', () => {
  const lab = new Lab();
  const calls = new Calls(lab.engine);
  const l = calls.value<number>((done) => lab.b.socket('AF_INET6', 'SOCK_STREAM', done));
  calls.value<void>((done) => lab.b.bind(l, { address: '::', port: 9502 }, done));
  calls.value<void>((done) => lab.b.listen(l, 5, done));
  const { outcome } = lab.connecting();
  const { fd, peer } = calls.value<{ fd: number; peer: { address: string } }>((done) => lab.b.accept(l, done));
  expect([lab.errno(outcome), peer.address]).toEqual(['ok', '::ffff:10.0.0.1']);
  expect(calls.value<{ address: string }>((done) => lab.b.getsockname(fd, done)).address).toBe('::ffff:10.0.0.2');
});

test('two calls wait on one socket, and what the first is given makes its program close: the second is told', () => {
  const lab = new Lab();
  const calls = new Calls(lab.engine);
  const fd = calls.value<number>((done) => lab.b.socket('AF_INET', 'SOCK_DGRAM', done));
  calls.value<void>((done) => lab.b.bind(fd, { address: '127.0.0.1', port: 53 }, done));
  const told: string[] = [];
  lab.b.recv(fd, 10, [], (result) => {
    told.push(result.ok ? text(result.value) : result.error.errno);
    lab.b.close(fd, () => {});
  });
  lab.b.recv(fd, 10, [], (result) => told.push(result.ok ? text(result.value) : result.error.errno));
  const sender = calls.value<number>((done) => lab.b.socket('AF_INET', 'SOCK_DGRAM', done));
  calls.value<number>((done) => lab.b.sendto(sender, octets('bye'), [], { address: '127.0.0.1', port: 53 }, done));
  lab.run(10);
  expect(told).toEqual(['bye', 'EBADF']);
});
