import { expect, test } from 'vitest';
import { type SeqNum, seqAdd } from '../../wire/seq.ts';
import { octets } from '../testing/lab.ts';
import { established, HandPlayed } from '../testing/peer.ts';

const set = (peer: HandPlayed, fd: number, name: string, value: number): void => peer.program.setsockopt(fd, name, value, () => {});
const HOUR = 3_600_000;

function alive(options: Record<string, number>): { peer: HandPlayed; fd: number } {
  const { peer, fd } = established();
  for (const [name, value] of Object.entries({ ...options, SO_KEEPALIVE: 1 })) set(peer, fd, name, value);
  return { peer, fd };
}

test('after two silent hours an octet already acknowledged asks whether anybody is there; an answer buys two more', () => {
  const { peer } = alive({});
  const snd = peer.engine.snapshot().hosts[0]!.connections[0]!.sequence.sndNxt as SeqNum;
  peer.waits(2 * HOUR - 1);
  expect(peer.hears()).toEqual([]);
  peer.waits(1);
  expect(peer.lastSegment()!.seq).toBe(seqAdd(snd, -1)); // one below what the peer expects
  expect(peer.hears()).toEqual(['. ack 1']);
  peer.says('.', { seq: 1, ack: 1 }).waits(2 * HOUR - 1);
  expect(peer.hears()).toEqual([]);
  peer.waits(1);
  expect(peer.hears()).toHaveLength(1);
  expect(peer.local.counters.get('TCPKeepAlive')).toBe(2);
});

test('without an answer: nine questions 75 s apart, then RST and ETIMEDOUT', () => {
  const { peer, fd } = alive({});
  peer.waits(2 * HOUR + 8 * 75_000);
  expect(peer.hears()).toHaveLength(9);
  peer.waits(74_999);
  expect(peer.reads(fd)).toBe('EAGAIN');
  peer.waits(1);
  expect(peer.hears()).toEqual(['R. 1 ack 1']);
  expect(peer.reads(fd)).toBe('ETIMEDOUT');
  expect(peer.changes().at(-1)).toBe('ESTABLISHED user-timeout CLOSED');
});

test('TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT: 10 s, then 3 questions 5 s apart', () => {
  const { peer, fd } = alive({ TCP_KEEPIDLE: 10, TCP_KEEPINTVL: 5, TCP_KEEPCNT: 3 });
  peer.waits(24_999);
  expect(peer.hears()).toHaveLength(3);
  expect(peer.reads(fd)).toBe('EAGAIN');
  peer.waits(1);
  expect(peer.reads(fd)).toBe('ETIMEDOUT');
});

test('TCP_USER_TIMEOUT stands in for the count', () => {
  const { peer, fd } = alive({ TCP_KEEPIDLE: 10, TCP_KEEPINTVL: 5, TCP_USER_TIMEOUT: 40_000 });
  peer.waits(39_999);
  expect(peer.hears()).toHaveLength(6);
  peer.waits(1);
  expect(peer.reads(fd)).toBe('ETIMEDOUT');
});

test('while data waits for its acknowledgment nobody needs to ask', () => {
  const { peer, fd } = alive({ TCP_KEEPIDLE: 1 });
  peer.program.send(fd, octets('x'), [], () => {});
  peer.waits(1500).hears();
  expect(peer.local.counters.get('TCPKeepAlive')).toBe(0);
});

test('TCP_USER_TIMEOUT ends a connection whose data is not acknowledged: so long after it was first sent again', () => {
  const { peer, fd } = established({ 'net.ipv4.tcp_early_retrans': 0 });
  set(peer, fd, 'TCP_USER_TIMEOUT', 3000);
  peer.sends(fd, 'x').waits(5000);
  expect(peer.reads(fd)).toBe('ETIMEDOUT');
  const again = peer.events.find((e) => e.kind === 'segment-sent' && e.cause === 'retransmission')!;
  expect((peer.events.findLast((e) => e.kind === 'state')!.at - again.at) / 1e6).toBe(3000);
});

test('TCP_USER_TIMEOUT also when the window stays closed', () => {
  const { peer, fd } = established();
  peer.says('.', { seq: 1, ack: 1, window: 0 });
  set(peer, fd, 'TCP_USER_TIMEOUT', 5000);
  peer.sends(fd, 'x');
  for (let i = 0; i < 49; i++) peer.waits(100).says('.', { seq: 1, ack: 1, window: 0 }); // every probe is answered
  expect(peer.reads(fd)).toBe('EAGAIN');
  peer.waits(5000);
  expect(peer.reads(fd)).toBe('ETIMEDOUT');
});

test('TCP_SYNCNT bounds the SYNs of one socket', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_syn_linear_timeouts': 0 });
  const fd = peer.socket();
  set(peer, fd, 'TCP_SYNCNT', 2);
  peer.program.connect(fd, { address: '10.0.0.2', port: 80 }, () => {});
  peer.waits(100_000);
  expect(peer.hears()).toEqual(['S', 'S', 'S']);
});

test('TCP_SYNCNT is a time too: with the first waits all equal, no longer than so many doubled ones would take', () => {
  const peer = new HandPlayed();
  const fd = peer.socket();
  set(peer, fd, 'TCP_SYNCNT', 1);
  let ended = 0;
  peer.program.connect(fd, { address: '10.0.0.2', port: 80 }, () => {
    ended = peer.engine.now / 1e9;
  });
  peer.waits(100_000);
  expect(peer.hears()).toEqual(['S', 'S', 'S']); // at 0, 1 and 2 s
  expect(ended).toBe(3);
});

test('the first five waits for an answer to a SYN are a second each (tcp_syn_linear_timeouts)', () => {
  const peer = new HandPlayed();
  peer.connects();
  peer.waits(200_000);
  const at = peer.events.flatMap((e) => (e.kind === 'segment-sent' ? [e.at / 1e9] : []));
  expect(at).toEqual([0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
  expect(peer.events.flatMap((e) => (e.kind === 'state' && e.to === 'CLOSED' ? [e.at / 1e9] : []))).toEqual([131]);
});
