import { expect, test } from 'vitest';
import { HandPlayed } from '../testing/peer.ts';

const queues = (peer: HandPlayed): [number, number] => {
  const [listener] = peer.engine.snapshot().hosts[0]!.listeners;
  return [listener!.synQueue.length, listener!.acceptQueue.length];
};

/** A listener that wants data first, and a client whose third segment is bare. */
function deferring(seconds: number): { peer: HandPlayed; listener: number } {
  const peer = new HandPlayed();
  const listener = peer.listens();
  peer.program.setsockopt(listener, 'TCP_DEFER_ACCEPT', seconds, () => {});
  peer.says('S').says('.', { seq: 1, ack: 1 }).hears();
  return { peer, listener };
}

test('the bare third segment wakes nobody, data does', () => {
  const { peer, listener } = deferring(5);
  expect(queues(peer)).toEqual([1, 0]);
  expect(peer.local.counters.get('TCPDeferAcceptDrop')).toBe(1);
  peer.says('P.', { seq: 1, ack: 1, data: 'GET /' });
  expect(queues(peer)).toEqual([0, 1]);
  expect(peer.reads(peer.accepts(listener))).toBe('GET /');
});

test('while the listener waits no SYN,ACK is repeated; when the time is over one asks for a last sign of life', () => {
  const { peer, listener } = deferring(5); // 1 + 2 + 4 seconds, which are three timeouts
  peer.waits(2_999);
  expect(peer.hears()).toEqual([]);
  peer.waits(1);
  expect(peer.hears()).toEqual([]);
  peer.waits(4_000);
  expect(peer.hears()).toEqual(['S. ack 1']);
  peer.says('.', { seq: 1, ack: 1 });
  expect(queues(peer)).toEqual([0, 1]); // now the bare ACK is good enough
  expect(peer.reads(peer.accepts(listener))).toBe('EAGAIN');
});

test('a client that never says more is forgotten without a word', () => {
  const { peer } = deferring(1);
  peer.waits(200_000);
  expect(queues(peer)).toEqual([0, 0]);
  expect(peer.local.connections.count).toBe(0);
});

test('seconds are rounded up to whole timeouts: 1, 3, 7, 15 ...', () => {
  const peer = new HandPlayed();
  const fd = peer.socket();
  const told = [0, 1, 2, 3, 4, 8, 16].map((seconds) => {
    let value: unknown;
    peer.program.setsockopt(fd, 'TCP_DEFER_ACCEPT', seconds, () => {});
    peer.program.getsockopt(fd, 'TCP_DEFER_ACCEPT', (result) => {
      value = result.ok && result.value;
    });
    return value;
  });
  expect(told).toEqual([0, 1, 3, 3, 7, 15, 31]);
});

test.each([
  ['TCP_DEFER_ACCEPT', 5],
  ['TCP_QUICKACK', 0],
] as const)('a client with %s lets its third segment wait for data, 200 ms and no longer', (option, value) => {
  const opening = (): { peer: HandPlayed; fd: number } => {
    const peer = new HandPlayed();
    const fd = peer.socket();
    peer.program.setsockopt(fd, option, value, () => {});
    peer.program.setNonBlocking(fd, true, () => {});
    peer.program.connect(fd, { address: '10.0.0.2', port: 80 }, () => {});
    peer.waits(0).hears();
    peer.says('S.', { seq: 0, ack: 1, options: [{ kind: 'mss', octets: 1460 }] });
    return { peer, fd };
  };
  const silent = opening().peer;
  expect(silent.waits(199).hears()).toEqual([]);
  expect(silent.waits(1).hears()).toEqual(['. ack 1']);
  const { peer, fd } = opening();
  peer.waits(50).sends(fd, 'GET /');
  expect(peer.hears()).toEqual(['P. 1:6 ack 1']);
  expect(
    peer
      .waits(500)
      .hears()
      .filter((said) => said === '. ack 1'),
  ).toEqual([]);
});
