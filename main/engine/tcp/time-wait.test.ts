import { expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';
import { established } from '../testing/peer.ts';

/** Every ephemeral port of the client is one port; it is in TIME-WAIT when this returns. */
function worn(clientSysctls: Record<string, number>): Lab {
  const lab = new Lab({ clientSysctls: { 'net.ipv4.ip_local_port_range': [40_000, 40_000], ...clientSysctls } });
  const { c, s } = lab.connected();
  lab.value<void>((done) => lab.a.close(c, done));
  lab.run(50);
  lab.value<void>((done) => lab.b.close(s, done));
  lab.run(50);
  expect(lab.state(lab.client, 40_000)).toBe('TIME-WAIT');
  return lab;
}

test('out of ports: TIME-WAIT blocks its pair for a minute', () => {
  const lab = worn({});
  expect(lab.errno(lab.connecting().outcome)).toBe('EADDRNOTAVAIL');
  lab.run(60_000);
  const { outcome } = lab.connecting();
  lab.run(100);
  expect(lab.errno(outcome)).toBe('ok');
});

test('tcp_tw_reuse lets connect() take the pair after a second, beyond the old numbers', () => {
  const lab = worn({ 'net.ipv4.tcp_tw_reuse': 1 });
  expect(lab.errno(lab.connecting().outcome)).toBe('EADDRNOTAVAIL');
  lab.run(1001);
  const { outcome } = lab.connecting();
  lab.run(100);
  expect(lab.errno(outcome)).toBe('ok');
  expect(lab.client.counters.get('TWRecycled')).toBe(1);
  expect(lab.states('client').at(-2)).toBe('client TIME-WAIT > SYN-SENT (active-open)');
});

test('without timestamps old and new cannot be told apart, so tcp_tw_reuse does nothing', () => {
  const lab = worn({ 'net.ipv4.tcp_tw_reuse': 1, 'net.ipv4.tcp_timestamps': 0 });
  lab.run(30_000);
  expect(lab.errno(lab.connecting().outcome)).toBe('EADDRNOTAVAIL');
});

test('tcp_rfc1337 keeps TIME-WAIT alive when a RST comes', () => {
  const count = (protect: number): number => {
    const { peer, fd } = established({ 'net.ipv4.tcp_rfc1337': protect });
    peer.closes(fd).says('F.', { seq: 1, ack: 2 }).says('R', { seq: 2 });
    return peer.local.connections.timeWaits;
  };
  expect([count(0), count(1)]).toEqual([0, 1]);
});

test('more than tcp_max_tw_buckets are not kept', () => {
  const { peer, fd } = established({ 'net.ipv4.tcp_max_tw_buckets': 0 });
  peer.closes(fd).says('F.', { seq: 1, ack: 2 });
  expect(peer.local.connections.count).toBe(0);
  expect(peer.local.counters.get('TCPTimeWaitOverflow')).toBe(1);
  expect(peer.changes().slice(-2)).toEqual(['FIN-WAIT-2 fin TIME-WAIT', 'TIME-WAIT time-wait-timeout CLOSED']);
});
