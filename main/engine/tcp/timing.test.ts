import { expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Lab, octets, text } from '../testing/lab.ts';
import { established, HandPlayed } from '../testing/peer.ts';

const SYN = 0x02;
const wide = { kind: 'mss', octets: 1000 } as const;

test('connect gives up after tcp_syn_retries SYNs, each wait twice as long: 1, 2, 4, ... seconds', () => {
  const lab = new Lab({ cable: { loss: 1 }, clientSysctls: { 'net.ipv4.tcp_syn_retries': 3 } });
  const { outcome } = lab.connecting();
  lab.settle();
  expect(lab.errno(outcome)).toBe('ETIMEDOUT');
  expect(outcome.at).toBe(15_000);
  expect(lab.sentAt('client').map((s) => s.at)).toEqual([0, 1000, 3000, 7000]);
  expect(lab.sentAt('client').every((s) => s.flags === SYN)).toBe(true);
});

test('a port nobody listens on refuses', () => {
  const lab = new Lab();
  const { outcome } = lab.connecting();
  lab.run(100);
  expect(lab.errno(outcome)).toBe('ECONNREFUSED');
  expect(outcome.at).toBe(10); // one round trip
});

test('unacknowledged data is sent again after the RTO, which doubles', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  lab.forget();
  const began = lab.engine.now / 1e6;
  lab.cable.set({ loss: 1 });
  lab.call<number>((done) => lab.a.send(c, octets('lost'), [], done));
  lab.run(3500);
  // Round trip 10 ms, variance floor 200 ms: 210, then twice that each time.
  expect(lab.sentAt('client').map((s) => Math.round(s.at - began))).toEqual([0, 210, 630, 1470, 3150]);
  expect(lab.client.counters.get('RetransSegs')).toBe(4);
});

test('three duplicate ACKs bring a fast retransmission long before the timeout', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  let number = 0;
  lab.cable.set({ intercept: (p, from) => (from === 'client' && p.segment.payload.length > 0 && ++number === 2 ? 'drop' : 'pass') });
  lab.forget();
  lab.call<number>((done) => lab.a.send(c, new Uint8Array(10 * 1448), [], done));
  lab.run(60);
  const causes = lab.events.flatMap((e) => (e.kind === 'segment-sent' && e.host === 'client' ? [e.cause] : []));
  expect(causes.filter((cause) => cause === 'fast-retransmission')).toHaveLength(1);
  expect(causes).not.toContain('retransmission');
  expect(lab.value<Uint8Array>((done) => lab.b.recv(s, 20_000, [], done)).length).toBe(14_480);
});

test('without SACK, duplicate ACKs are counted and do the same', () => {
  const lab = new Lab({ clientSysctls: { 'net.ipv4.tcp_sack': 0 } });
  const { c, s } = lab.connected();
  let number = 0;
  lab.cable.set({ intercept: (p, from) => (from === 'client' && p.segment.payload.length > 0 && ++number === 2 ? 'drop' : 'pass') });
  lab.call<number>((done) => lab.a.send(c, new Uint8Array(10 * 1448), [], done));
  lab.run(60);
  expect(lab.client.counters.get('TCPRenoRecovery')).toBe(1);
  expect(lab.client.counters.get('TCPTimeouts')).toBe(0);
  expect(lab.value<Uint8Array>((done) => lab.b.recv(s, 20_000, [], done)).length).toBe(14_480);
});

test('slow start doubles the window each round trip', () => {
  const lab = new Lab({ cable: { delay: ms(50) } });
  const { c, s } = lab.connected();
  lab.value<void>((done) => lab.b.setsockopt(s, 'SO_RCVBUF', 212_992, done));
  const drain = (): void => lab.b.recv(s, 65_536, [], drain);
  drain();
  lab.forget();
  const feed = (): void => lab.a.send(c, new Uint8Array(20_000), [], feed);
  feed();
  lab.run(290);
  const start = lab.sentAt('client')[0]!.at;
  const perRound = [0, 0, 0];
  for (const one of lab.sentAt('client')) if (one.octets > 0) perRound[Math.floor((one.at - start) / 100)]!++;
  expect(perRound).toEqual([10, 20, 40]);
});

test('a lone small segment is acknowledged after 40 ms once the traffic is interactive, a second full one at once', () => {
  const { peer, fd } = established();
  peer.says('P.', { seq: 1, ack: 1, data: 'question' });
  expect(peer.hears()).toEqual(['. ack 9']); // a young connection acknowledges at once
  peer.reads(fd);
  peer.sends(fd, 'answer').says('.', { seq: 9, ack: 7 }).hears();
  peer.says('P.', { seq: 9, ack: 7, data: 'next' });
  expect(peer.hears()).toEqual([]);
  peer.waits(39);
  expect(peer.hears()).toEqual([]);
  peer.waits(1);
  expect(peer.hears()).toEqual(['. ack 13']);
});

test('Nagle: a small write waits while another is unacknowledged; TCP_NODELAY does not wait', () => {
  const slow = established();
  slow.peer.sends(slow.fd, 'a').sends(slow.fd, 'b').sends(slow.fd, 'c');
  expect(slow.peer.hears()).toEqual(['P. 1:2 ack 1']);
  slow.peer.says('.', { seq: 1, ack: 2 });
  expect(slow.peer.hears()).toEqual(['P. 2:4 ack 1']);

  const fast = established();
  fast.peer.program.setsockopt(fast.fd, 'TCP_NODELAY', 1, () => {});
  fast.peer.sends(fast.fd, 'a').sends(fast.fd, 'b');
  expect(fast.peer.hears()).toEqual(['P. 1:2 ack 1', 'P. 2:3 ack 1']);
});

test('a full receiver closes its window, is probed, and says when it has room again', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  const sent = lab.call<number>((done) => lab.a.send(c, new Uint8Array(300_000), [], done));
  lab.run(5000);
  expect(lab.errno(sent)).toBe('not ended');
  expect(lab.server.counters.get('TCPToZeroWindowAdv')).toBe(1);
  expect(lab.client.counters.get('TCPWinProbe')).toBeGreaterThan(2);
  let got = 0;
  const drain = (): void =>
    lab.b.recv(s, 65_536, [], (r) => {
      if (r.ok && r.value.length > 0) {
        got += r.value.length;
        drain();
      }
    });
  drain();
  lab.run(20_000);
  expect(lab.errno(sent)).toBe('ok');
  expect(got).toBe(300_000);
});

test('a window too small for a segment is filled by the persist timer', () => {
  const { peer, fd } = established();
  peer.says('P.', { seq: 1, ack: 1, data: 'x' }).says('.', { seq: 2, ack: 1, window: 10 }).hears();
  peer.sends(fd, 'much more than ten');
  expect(peer.hears()).toEqual([]);
  peer.waits(300);
  expect(peer.hears()).toEqual(['. 1:11 ack 2']);
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

test('options are offered and agreed: MSS, window scale, SACK, timestamps', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
  peer.listens();
  peer.says('S', {
    options: [wide, { kind: 'window-scale', shift: 3 }, { kind: 'sack-permitted' }, { kind: 'timestamps', value: 9, echo: 0 }],
  });
  expect(peer.lastOptions().map((o) => o.kind)).toEqual(['mss', 'sack-permitted', 'timestamps', 'nop', 'window-scale']);
  const [connection] = peer.engine.snapshot().hosts[0]!.connections;
  expect(connection!.options).toEqual({ timestamps: true, sack: true, windowScale: { send: 3, receive: 7 } });
  expect(connection!.mss).toBe(1000 - 12);
});

test('what the peer does not offer is not used; without an MSS option segments carry 536 octets', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
  peer.listens();
  peer.says('S');
  expect(peer.lastOptions().map((o) => o.kind)).toEqual(['mss']);
  expect(peer.engine.snapshot().hosts[0]!.connections[0]!.mss).toBe(536);
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

test('what arrives out of order waits, and is acknowledged at once when the gap closes', () => {
  const { peer, fd } = established();
  peer.says('P.', { seq: 4, ack: 1, data: 'def' });
  expect(peer.hears()).toEqual(['. ack 1']);
  expect(peer.reads(fd)).toBe('EAGAIN');
  peer.says('P.', { seq: 1, ack: 1, data: 'abc' });
  expect(peer.hears()).toEqual(['. ack 7']);
  expect(peer.reads(fd)).toBe('abcdef');
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
