import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ip } from '../wire/ip-address.ts';
import { Flag, type Segment } from '../wire/segment.ts';
import { seq } from '../wire/seq.ts';
import { established } from './testing/peer.ts';
import { idle } from './testing/workloads.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Octets on the heap, after everything that is no longer needed has gone. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const plain: Omit<Segment, 'seq' | 'flags'> = {
  srcPort: 4000,
  dstPort: 9502,
  ack: seq(0),
  window: 1000,
  urgent: 0,
  options: [],
  payload: new Uint8Array(0),
};

test('strangers from a hundred thousand addresses leave no trace', () => {
  const { peer } = established();
  const before = heap();
  for (let i = 0; i < 100_000; i++) {
    const src = ip(`11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    peer.local.receive({ src, dst: ip('10.0.0.1'), segment: { ...plain, seq: seq(i), flags: i % 2 ? Flag.SYN : Flag.ACK } });
    peer.waits(1).hears();
    peer.events.length = 0;
  }
  expect(heap() - before).toBeLessThan(4_000_000);
  expect(peer.local.counters.get('InSegs')).toBeGreaterThan(100_000); // and keeps the host alive until it was weighed
});

test('every other octet of a window, each in a segment of its own: what is kept for later stays within the receive buffer', () => {
  const { peer } = established();
  for (let i = 3; i < 60_000; i += 2) {
    peer.says('.', { seq: i, ack: 1, data: 'x' }).hears();
    peer.events.length = 0;
  }
  const [connection] = peer.engine.snapshot().hosts[0]!.connections;
  const { receiveOutOfOrder, receiveBuffer } = connection!.queues;
  expect(receiveOutOfOrder).toBeGreaterThan(100);
  expect(receiveOutOfOrder).toBeLessThan(receiveBuffer / 500);
  expect(peer.local.counters.get('TCPOFODrop')).toBeGreaterThan(10_000);
});

test('an established connection that says nothing weighs two kilobytes, both ends with sockets and descriptors', () => {
  idle(1000); // what the compiler makes of it is not a connection's
  const before = heap();
  const lab = idle(10_000);
  expect((heap() - before) / 10_000).toBeLessThan(2600);
  expect(lab.engine.hosts[0]!.connections.count).toBe(10_000);
});
