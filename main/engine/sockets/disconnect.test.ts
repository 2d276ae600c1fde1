import { expect, test } from 'vitest';
import { Calls } from '../testing/calls.ts';
import { Lab, octets } from '../testing/lab.ts';

const apart = (lab: Lab, fd: number): string => lab.errno(lab.call<void>((done) => lab.a.connect(fd, 'AF_UNSPEC', done)));

test('connect(AF_UNSPEC) resets the peer, and the same socket connects anew', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  const before = lab.value<{ port: number }>((done) => lab.a.getsockname(c, done)).port;
  lab.forget();
  expect(apart(lab, c)).toBe('ok');
  expect(lab.errno(lab.call((done) => lab.a.getpeername(c, done)))).toBe('ENOTCONN');
  // The program finds the error once, as Linux tells it.
  expect(lab.errno(lab.call((done) => lab.a.recv(c, 1, [], done)))).toBe('ECONNRESET');
  expect(lab.errno(lab.call((done) => lab.a.recv(c, 1, [], done)))).toBe('ENOTCONN');
  lab.run(50);
  expect(lab.sent('client')).toHaveLength(1);
  expect(lab.states()).toEqual(['client ESTABLISHED > CLOSED (abort)', 'server ESTABLISHED > CLOSED (rst)']);
  expect(lab.errno(lab.call((done) => lab.b.recv(s, 1, [], done)))).toBe('ECONNRESET');
  lab.value<void>((done) => lab.a.connect(c, { address: '10.0.0.2', port: 9502 }, done));
  expect(lab.value<number>((done) => lab.a.send(c, octets('again'), [], done))).toBe(5);
  expect(lab.value<{ port: number }>((done) => lab.a.getsockname(c, done)).port).not.toBe(before);
});

test('an error nobody asked for is gone with the next connect', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  apart(lab, c);
  lab.value<void>((done) => lab.a.connect(c, { address: '10.0.0.2', port: 9502 }, done));
  expect(lab.value((done) => lab.a.socketError(c, done))).toBe(undefined);
});

test('a connect and a recv that wait are told', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  const reading = lab.call<Uint8Array>((done) => lab.a.recv(c, 1, [], done));
  apart(lab, c);
  lab.run(1);
  expect(lab.errno(reading)).toBe('ECONNRESET');
  lab.cable.set({ loss: 1 });
  const { fd, outcome } = lab.connecting();
  expect(apart(lab, fd)).toBe('ok');
  lab.run(1);
  expect(lab.errno(outcome)).toBe('ECONNRESET');
  lab.settle();
  expect(lab.client.connections.count).toBe(0);
});

test('a listener becomes an ordinary bound socket, and a fresh one stays as it is', () => {
  const lab = new Lab();
  const l = lab.listening();
  expect(lab.errno(lab.call<void>((done) => lab.b.connect(l, 'AF_UNSPEC', done)))).toBe('ok');
  expect(lab.value((done) => lab.b.getsockopt(l, 'SO_ACCEPTCONN', done))).toBe(0);
  expect(lab.value<{ port: number }>((done) => lab.b.getsockname(l, done)).port).toBe(9502);
  expect(lab.errno(lab.call<void>((done) => lab.b.listen(l, 5, done)))).toBe('ok');
  expect(apart(lab, lab.socket(lab.a))).toBe('ok');
});

test('UDP hears everybody again, and gives back the port that the system chose', () => {
  const lab = new Lab();
  const calls = new Calls(lab.engine);
  const fd = calls.value<number>((done) => lab.a.socket('AF_INET', 'SOCK_DGRAM', done));
  calls.value<void>((done) => lab.a.connect(fd, { address: '10.0.0.2', port: 9 }, done));
  expect(apart(lab, fd)).toBe('ok');
  expect(calls.value((done) => lab.a.getsockname(fd, done))).toEqual({ address: '0.0.0.0', port: 0 });
  expect(calls.errno((done) => lab.a.send(fd, octets('x'), [], done))).toBe('EDESTADDRREQ');
  calls.value<void>((done) => lab.a.bind(fd, { address: '0.0.0.0', port: 53 }, done));
  calls.value<void>((done) => lab.a.connect(fd, { address: '10.0.0.2', port: 9 }, done));
  expect(apart(lab, fd)).toBe('ok');
  expect(calls.value((done) => lab.a.getsockname(fd, done))).toEqual({ address: '0.0.0.0', port: 53 });
});

test('an AF_UNIX stream keeps its peer, a datagram socket forgets it', () => {
  const lab = new Lab();
  const calls = new Calls(lab.engine);
  const [one] = calls.value<readonly [number, number]>((done) => lab.a.socketpair('AF_UNIX', 'SOCK_STREAM', done));
  expect(apart(lab, one)).toBe('EINVAL');
  const [other] = calls.value<readonly [number, number]>((done) => lab.a.socketpair('AF_UNIX', 'SOCK_DGRAM', done));
  expect(apart(lab, other)).toBe('ok');
  expect(calls.errno((done) => lab.a.send(other, octets('x'), [], done))).toBe('ENOTCONN');
});

test('sendto(AF_UNSPEC) is nowhere to open fast to; without MSG_FASTOPEN a stream does not look at the address', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  const sends = (fd: number, flags: readonly 'MSG_FASTOPEN'[]): string =>
    lab.errno(lab.call<number>((done) => lab.a.sendto(fd, octets('x'), flags, 'AF_UNSPEC', done)));
  expect([sends(lab.socket(lab.a), ['MSG_FASTOPEN']), sends(c, [])]).toEqual(['EOPNOTSUPP', 'ok']);
});
