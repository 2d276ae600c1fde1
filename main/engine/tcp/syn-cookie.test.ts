import { expect, test } from 'vitest';
import { ip } from '../../wire/ip-address.ts';
import { Flag, type TcpOption } from '../../wire/segment.ts';
import { seq } from '../../wire/seq.ts';
import { Lab, octets, text } from '../testing/lab.ts';
import { HandPlayed } from '../testing/peer.ts';

const flood = (peer: HandPlayed, count: number): void => {
  for (let port = 40_000; port < 40_000 + count; port++) peer.from(port).says('S');
};
const ofPort = (peer: HandPlayed, port: number) => peer.engine.snapshot().hosts[0]!.connections.find((one) => one.remotePort === port);
const everything: readonly TcpOption[] = [
  { kind: 'mss', octets: 1450 },
  { kind: 'sack-permitted' },
  { kind: 'timestamps', value: 77, echo: 0 },
  { kind: 'window-scale', shift: 5 },
];

test('a full SYN queue answers with a cookie and keeps nothing; the third segment makes the connection', () => {
  const peer = new HandPlayed();
  const listener = peer.listens(2);
  flood(peer, 3);
  expect(peer.local.connections.count).toBe(3);
  peer.from(4000).says('S');
  expect(peer.hears().at(-1)).toBe('S. ack 1');
  expect(peer.local.connections.count).toBe(3);
  peer.waits(500).says('.', { seq: 1, ack: 1 });
  expect(ofPort(peer, 4000)!.state).toBe('ESTABLISHED');
  peer.says('P.', { seq: 1, ack: 1, data: 'hello' });
  expect(peer.reads(peer.accepts(listener))).toBe('hello');
  const { counters } = peer.local;
  expect([counters.get('SyncookiesSent'), counters.get('SyncookiesRecv'), counters.get('TCPReqQFullDoCookies')]).toEqual([1, 1, 1]);
});

test('the data of a lost third segment brings the cookie as well', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syncookies': 2 });
  const listener = peer.listens();
  peer.says('S').says('P.', { seq: 1, ack: 1, data: 'hello' });
  expect(peer.reads(peer.accepts(listener))).toBe('hello');
});

test('TCP_DEFER_ACCEPT does not keep back a connection that a cookie brought: it has no place to wait in', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syncookies': 2 });
  const listener = peer.listens();
  peer.program.setsockopt(listener, 'TCP_DEFER_ACCEPT', 5, () => {});
  peer.says('S').says('.', { seq: 1, ack: 1 });
  const fd = peer.accepts(listener);
  expect(peer.says('P.', { seq: 1, ack: 1, data: 'hello' }).reads(fd)).toBe('hello');
});

test('without timestamps only the MSS survives, rounded down to one of four', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syncookies': 2 });
  peer.listens();
  peer.says('S', { options: everything.filter(({ kind }) => kind !== 'timestamps') });
  expect(peer.lastOptions().map(({ kind }) => kind)).toEqual(['mss']);
  peer.says('.', { seq: 1, ack: 1 });
  expect(ofPort(peer, 4000)).toMatchObject({ mss: 1440, options: { timestamps: false, sack: false, windowScale: undefined } });
});

test('with timestamps window scale and SACK survive too: they travel in the low bits of ours', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syncookies': 2, 'net.ipv4.tcp_timestamps': 1 });
  peer.listens();
  peer.waits(1000).says('S', { options: everything });
  const stamp = peer.lastOptions().find((option) => option.kind === 'timestamps')!;
  peer.waits(20).says('.', { seq: 1, ack: 1, options: [{ kind: 'timestamps', value: 78, echo: stamp.value }] });
  expect(ofPort(peer, 4000)).toMatchObject({
    state: 'ESTABLISHED',
    mss: 1440 - 12,
    options: { timestamps: true, sack: true, windowScale: { send: 5, receive: 10 } },
  });
});

test('a guessed or an old cookie gets a RST', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syncookies': 2 });
  peer.listens();
  peer.says('S').hears();
  peer.says('.', { seq: 1, ack: 2 ** 20 });
  expect(peer.hears()).toEqual([`R ${2 ** 20}`]);
  expect(peer.local.counters.get('SyncookiesFailed')).toBe(1);
  peer.waits(121_000).says('.', { seq: 1, ack: 1 });
  expect(peer.hears()).toEqual(['R 1']);
  expect(peer.local.connections.count).toBe(0);
});

test('nobody listens to cookies that were never handed out', () => {
  const peer = new HandPlayed();
  peer.listens();
  peer.says('.', { seq: 1, ack: 1 });
  expect(peer.local.counters.get('SyncookiesFailed')).toBe(0);
});

test('a flood from addresses that never answer: with cookies a client still comes through, without it does not', () => {
  const connectDuring = (cookies: number): { outcome: string; queue: number } => {
    const isForged = (port: number): boolean => port >= 20_000 && port < 20_100;
    const lab = new Lab({
      serverSysctls: { 'net.ipv4.tcp_syncookies': cookies },
      // What goes back to forged addresses reaches nobody.
      cable: { intercept: ({ segment }, from) => (from === 'server' && isForged(segment.dstPort) ? 'drop' : 'pass') },
    });
    const listener = lab.listening(8);
    for (let srcPort = 20_000; srcPort < 20_100; srcPort++) {
      const numbers = { seq: seq(srcPort), ack: seq(0), window: 1000, urgent: 0 };
      const segment = { srcPort, dstPort: 9502, flags: Flag.SYN, ...numbers, options: [], payload: octets('') };
      lab.cable.transmit(lab.client, { src: ip('10.0.0.1'), dst: ip('10.0.0.2'), segment });
    }
    const { fd, outcome } = lab.connecting();
    lab.run(900);
    if (lab.errno(outcome) === 'ok') {
      const accepted = lab.value<{ fd: number }>((done) => lab.b.accept(listener, done));
      lab.value<number>((done) => lab.a.send(fd, octets('hello'), [], done));
      expect(text(lab.value<Uint8Array>((done) => lab.b.recv(accepted.fd, 10, [], done)))).toBe('hello');
    }
    return { outcome: lab.errno(outcome), queue: lab.engine.snapshot().hosts[1]!.listeners[0]!.synQueue.length };
  };
  expect(connectDuring(1)).toEqual({ outcome: 'ok', queue: 9 });
  expect(connectDuring(0)).toEqual({ outcome: 'not ended', queue: 9 });
});
