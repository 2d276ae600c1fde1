import { expect, test } from 'vitest';
import { established, type HandPlayed } from '../testing/peer.ts';

const set = (peer: HandPlayed, fd: number, name: string, value: number): void => peer.program.setsockopt(fd, name, value, () => {});

test('an orphan leaves FIN-WAIT-2 after tcp_fin_timeout', () => {
  const { peer, fd } = established();
  peer.closes(fd).says('.', { seq: 1, ack: 2 }).waits(59_999);
  expect(peer.local.connections.count).toBe(1);
  peer.waits(1);
  expect(peer.changes().at(-1)).toBe('FIN-WAIT-2 fin-wait-2-timeout CLOSED');
  expect(peer.local.connections.orphans).toBe(0);
});

test('a socket that is still held stays in FIN-WAIT-2; closed, it has tcp_fin_timeout from then', () => {
  const { peer, fd } = established();
  peer.shutsDown(fd).says('.', { seq: 1, ack: 2 }).waits(500_000);
  expect(peer.changes().at(-1)).toBe('FIN-WAIT-1 ack-of-fin FIN-WAIT-2');
  peer.closes(fd).waits(59_999);
  expect(peer.local.connections.count).toBe(1);
  peer.waits(1);
  expect(peer.local.connections.count).toBe(0);
});

test('TCP_LINGER2 gives an orphan another time in FIN-WAIT-2, two minutes at most', () => {
  const { peer, fd } = established();
  set(peer, fd, 'TCP_LINGER2', 5);
  peer.closes(fd).says('.', { seq: 1, ack: 2 }).waits(4999);
  expect(peer.local.connections.count).toBe(1);
  peer.waits(1);
  expect(peer.local.connections.count).toBe(0);
});

test('a negative TCP_LINGER2 leaves no time at all', () => {
  const { peer, fd } = established();
  set(peer, fd, 'TCP_LINGER2', -1);
  peer.closes(fd).says('.', { seq: 1, ack: 2 });
  expect(peer.hears()).toEqual(['F. 1 ack 1', 'R 2']);
  expect(peer.local.connections.count).toBe(0);
  expect(peer.local.counters.get('TCPAbortOnData')).toBe(1);

  const held = established();
  set(held.peer, held.fd, 'TCP_LINGER2', -1);
  held.peer.shutsDown(held.fd).says('.', { seq: 1, ack: 2 }).hears();
  held.peer.closes(held.fd);
  expect(held.peer.hears()).toEqual(['R. 2 ack 1']);
  expect(held.peer.local.counters.get('TCPAbortOnLinger')).toBe(1);
});

test('more orphans than tcp_max_orphans are reset', () => {
  const { peer, fd, listener } = established({ 'net.ipv4.tcp_max_orphans': 1 });
  peer.closes(fd).hears();
  peer.from(4001).says('S').says('.', { seq: 1, ack: 1 });
  const second = peer.accepts(listener);
  peer.hears();
  peer.closes(second);
  expect(peer.hears()).toEqual(['F. 1 ack 1', 'R. 2 ack 1']);
  expect(peer.local.counters.get('TCPAbortOnMemory')).toBe(1);
  expect(peer.local.connections.count).toBe(1);
});

test('an orphan whose peer is silent gives up after 8 retransmissions, a held socket after tcp_retries2', () => {
  const lifetime = (close: boolean): number => {
    const { peer, fd } = established();
    peer.sends(fd, 'x');
    if (close) peer.closes(fd);
    peer.waits(2_000_000);
    return Math.round(peer.events.findLast((e) => e.kind === 'state')!.at / 1e9);
  };
  expect(lifetime(true)).toBe(102); // (2^9 - 1) * 200 ms
  expect(lifetime(false)).toBeGreaterThanOrEqual(924);
});
