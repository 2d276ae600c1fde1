import { expect, test } from 'vitest';
import { Lab, octets, text } from '../testing/lab.ts';
import { established, HandPlayed } from '../testing/peer.ts';

test('a port nobody listens on refuses', () => {
  const lab = new Lab();
  const { outcome } = lab.connecting();
  lab.run(100);
  expect(lab.errno(outcome)).toBe('ECONNREFUSED');
  expect(outcome.at).toBe(10); // one round trip
});

test('the last ACK is lost: the FIN comes again, TIME-WAIT answers and starts over', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.value<void>((done) => lab.a.close(c, done));
  lab.run(100);
  let swallowed = false;
  lab.cable.set({
    intercept: (p, from) => {
      if (from !== 'client' || swallowed || p.segment.flags !== 0x10) return 'pass';
      swallowed = true;
      return 'drop';
    },
  });
  lab.value<void>((done) => lab.b.close(s, done));
  const closed = lab.engine.now / 1e6;
  lab.run(1000);
  expect(lab.states('server').at(-1)).toBe('server LAST-ACK > CLOSED (ack-of-fin)');
  const due = lab.engine.snapshot().hosts[0]!.timeWait[0]!.due / 1e6;
  expect(due).toBeGreaterThan(closed + 60_000 + 200);
});

test('a FIN by itself carries no PSH, though the octets before it did', () => {
  const { peer, fd } = established();
  peer.sends(fd, 'hello');
  expect(peer.hears()).toEqual(['P. 1:6 ack 1']);
  peer.program.close(fd, () => {});
  expect(peer.waits(0).hears()).toEqual(['F. 6 ack 1']);
});

test.each([
  ['by itself', '', 'F. 10001 ack 1'],
  ['with a little data', 'bye', 'FP. 10001:10004 ack 1'],
])('a FIN waits for room in the congestion window, %s', (_how, rest, last) => {
  const { peer, fd } = established({ 'net.ipv4.tcp_early_retrans': 0 });
  peer.sends(fd, 'x'.repeat(10_000)).sends(fd, rest).hears();
  expect(peer.shutsDown(fd).waits(150).hears()).toEqual([]); // ten segments are under way
  expect(peer.says('.', { seq: 1, ack: 1001 }).hears()).toEqual([last]);
});

test('a RST inside the window, but not exactly at its edge, is challenged and not believed (RFC 5961)', () => {
  const { peer, fd } = established();
  peer.says('R', { seq: 100 });
  expect(peer.hears()).toEqual(['. ack 1']);
  peer.says('S', { seq: 200 });
  expect(peer.hears()).toEqual([]); // within half a second: one challenge is enough
  peer.waits(600).says('S', { seq: 200 });
  expect(peer.hears()).toEqual(['. ack 1']);
  expect(peer.reads(fd)).toBe('EAGAIN');
  peer.says('R', { seq: 1 });
  expect(peer.reads(fd)).toBe('ECONNRESET');
});

test('close with unread data tells the peer with a RST that it was not delivered', () => {
  const { peer, fd } = established();
  peer.says('P.', { seq: 1, ack: 1, data: 'unread' }).hears();
  peer.closes(fd);
  expect(peer.hears()).toEqual(['R. 1 ack 7']);
  expect(peer.local.counters.get('TCPAbortOnClose')).toBe(1);
});

test('half-close: one direction ends, the other still carries data', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.value<void>((done) => lab.a.shutdown(c, 'SHUT_WR', done));
  lab.run(50);
  expect(lab.value<Uint8Array>((done) => lab.b.recv(s, 10, [], done)).length).toBe(0);
  lab.value<number>((done) => lab.b.send(s, octets('still here'), [], done));
  expect(text(lab.value<Uint8Array>((done) => lab.a.recv(c, 100, [], done)))).toBe('still here');
  expect([lab.state(lab.client), lab.state(lab.server, 9502)]).toEqual(['FIN-WAIT-2', 'CLOSE-WAIT']);
});

test('shutdown(SHUT_WR) in SYN-RECEIVED waits for the handshake; close() does not', () => {
  const opening = (): { peer: HandPlayed; fd: number } => {
    const peer = new HandPlayed();
    const fd = peer.connects();
    peer.says('S').hears(); // both open at once
    return { peer, fd };
  };
  const { peer, fd } = opening();
  peer.shutsDown(fd);
  expect([peer.hears(), peer.changes().at(-1)]).toEqual([[], 'SYN-SENT syn SYN-RECEIVED']);
  let errno = '';
  peer.program.send(fd, octets('x'), ['MSG_NOSIGNAL'], (sent) => {
    errno = sent.ok ? 'ok' : sent.error.errno;
  });
  expect(errno).toBe('EPIPE');
  peer.says('.', { seq: 1, ack: 1 });
  expect([peer.hears(), peer.changes().slice(-2)]).toEqual([
    ['F. 1 ack 1'],
    ['SYN-RECEIVED ack-of-syn ESTABLISHED', 'ESTABLISHED close FIN-WAIT-1'],
  ]);
  const closed = opening();
  expect(closed.peer.closes(closed.fd).changes().at(-1)).toBe('SYN-RECEIVED close FIN-WAIT-1');
});

test('shut down first and closed then, still in SYN-RECEIVED: the FIN leaves with close()', () => {
  const peer = new HandPlayed();
  const fd = peer.connects();
  peer.says('S').shutsDown(fd).hears();
  expect(peer.closes(fd).hears()).toEqual(['F. 1 ack 1']);
  expect(peer.says('.', { seq: 1, ack: 2 }).changes().at(-1)).toBe('FIN-WAIT-1 ack-of-fin FIN-WAIT-2');
});
