import { expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';
import { HandPlayed } from '../testing/peer.ts';

const handshake = (peer: HandPlayed, port: number): HandPlayed => peer.from(port).says('S').says('.', { seq: 1, ack: 1 });
const queues = (peer: HandPlayed): [number, number] => {
  const [listener] = peer.engine.snapshot().hosts[0]!.listeners;
  return [listener!.synQueue.length, listener!.acceptQueue.length];
};

test('without accept the handshake still completes, and the connection waits with its data', () => {
  const peer = new HandPlayed();
  const listener = peer.listens();
  handshake(peer, 4000).says('P.', { seq: 1, ack: 1, data: 'early' });
  expect(queues(peer)).toEqual([0, 1]);
  const fd = peer.accepts(listener);
  expect(queues(peer)).toEqual([0, 0]);
  expect(peer.reads(fd)).toBe('early');
});

test('a connection stands in the SYN queue from the SYN to the third segment', () => {
  const peer = new HandPlayed();
  peer.listens();
  peer.says('S');
  expect(queues(peer)).toEqual([1, 0]);
  peer.says('.', { seq: 1, ack: 1 });
  expect(queues(peer)).toEqual([0, 1]);
});

test('the accept queue holds backlog + 1; then SYNs are dropped and counted', () => {
  const peer = new HandPlayed();
  peer.listens(1);
  handshake(peer, 4000);
  handshake(peer, 4001);
  expect(queues(peer)).toEqual([0, 2]);
  peer.hears();
  peer.from(4002).says('S');
  expect(peer.hears()).toEqual([]);
  expect(peer.local.counters.get('ListenOverflows')).toBe(1);
  expect(peer.local.counters.get('ListenDrops')).toBe(1);
});

test('the client believes it is connected while the server still waits for room (dropped third ACK)', () => {
  const lab = new Lab();
  const listener = lab.listening(1);
  lab.connecting();
  lab.run(100);
  // Two SYNs pass while the accept queue has one place left; only one third ACK finds it.
  const first = lab.connecting();
  const second = lab.connecting();
  lab.run(100);
  expect(lab.errno(first.outcome)).toBe('ok');
  expect(lab.errno(second.outcome)).toBe('ok');
  expect(lab.states('server').filter((s) => s.includes('> ESTABLISHED'))).toHaveLength(2);
  expect(lab.server.counters.get('ListenOverflows')).toBeGreaterThanOrEqual(1);
  expect(lab.drops()).toContain('server accept-queue-full');
  lab.forget();
  lab.value((done) => lab.b.accept(listener, done));
  lab.run(1500);
  expect(lab.sent('server')).toContain('server S. ack 1'); // sent again after a second
  expect(lab.states('server').filter((s) => s.includes('> ESTABLISHED'))).toHaveLength(1);
});

test('with tcp_abort_on_overflow the client is told with a RST', () => {
  const lab = new Lab({ serverSysctls: { 'net.ipv4.tcp_abort_on_overflow': 1 } });
  lab.listening(1);
  lab.connecting();
  lab.run(100);
  lab.connecting();
  const second = lab.connecting();
  lab.run(100);
  const read = lab.call<Uint8Array>((done) => lab.a.recv(second.fd, 10, [], done));
  lab.run(100);
  expect(lab.errno(read)).toBe('ECONNRESET');
});

test('the SYN queue too holds backlog + 1; without cookies the next SYN is dropped and counted', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syncookies': 0 });
  peer.listens(2);
  for (const port of [4000, 4001, 4002, 4003]) peer.from(port).says('S');
  expect(queues(peer)).toEqual([3, 0]);
  expect(peer.local.counters.get('TCPReqQFullDrop')).toBe(1);
  expect(peer.local.counters.get('ListenDrops')).toBe(1);
  expect(peer.local.counters.get('ListenOverflows')).toBe(0);
});

test('without cookies the last quarter of tcp_max_syn_backlog is not for strangers', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 8 });
  peer.listens(100);
  for (let port = 4000; port < 4010; port++) peer.from(port).says('S');
  expect(queues(peer)).toEqual([7, 0]);
  expect(peer.local.counters.get('ListenDrops')).toBe(3);
  expect(peer.local.counters.get('TCPReqQFullDrop')).toBe(0); // it is not the queue that is full
});

test('with cookies allowed tcp_max_syn_backlog has no say, only the backlog', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_max_syn_backlog': 8 });
  peer.listens(100);
  for (let port = 4000; port < 4010; port++) peer.from(port).says('S');
  expect(queues(peer)).toEqual([10, 0]);
});

test('while old embryos fill more than half of the SYN queue they are given fewer retries', () => {
  const peer = new HandPlayed();
  peer.listens(9);
  for (let port = 4000; port < 4006; port++) peer.from(port).says('S');
  peer.waits(6999);
  expect(queues(peer)).toEqual([6, 0]);
  peer.waits(1); // the third timeout is the last for two of them; then the queue is half empty, and the others have theirs
  expect(queues(peer)).toEqual([4, 0]);
  peer.waits(55_999);
  expect(queues(peer)).toEqual([4, 0]);
  peer.waits(1);
  expect(queues(peer)).toEqual([0, 0]);
});

test('backlog is cut to somaxconn', () => {
  const peer = new HandPlayed({ 'net.core.somaxconn': 3 });
  peer.listens(1000);
  expect(peer.engine.snapshot().hosts[0]!.listeners[0]!.backlog).toBe(3);
});

test('SYN,ACK goes out again after 1, 3, 7, 15 and 31 seconds, and the connection is forgotten after 63', () => {
  const lab = new Lab({ cable: { intercept: (packet, from) => (from === 'client' && packet.segment.flags === 0x10 ? 'drop' : 'pass') } });
  lab.listening();
  lab.connecting();
  lab.run(70_000);
  const synAcks = lab.sentAt('server').filter((s) => s.flags === 0x12);
  expect(synAcks.map((s) => Math.round(s.at / 1000))).toEqual([0, 1, 3, 7, 15, 31]);
  expect(lab.states('server').at(-1)).toBe('server SYN-RECEIVED > CLOSED (user-timeout)');
});

test('a connection reset while it waits for accept is still handed out, and tells why it is dead', () => {
  const peer = new HandPlayed();
  const listener = peer.listens();
  handshake(peer, 4000).says('R', { seq: 1 });
  expect(peer.reads(peer.accepts(listener))).toBe('ECONNRESET');
});

test('closing the listener resets what waits in the accept queue', () => {
  const peer = new HandPlayed();
  const listener = peer.listens();
  handshake(peer, 4000);
  peer.hears();
  peer.closes(listener);
  expect(peer.hears()).toEqual(['R. 1 ack 1']);
  expect(peer.local.connections.count).toBe(0);
});
