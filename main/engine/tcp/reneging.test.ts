import { expect, test } from 'vitest';
import { seq, seqAdd } from '../../wire/seq.ts';
import { HandPlayed } from '../testing/peer.ts';

/** Five segments of 1000 octets are under way; the peer said that all but the first had come, and got that one again. */
function reported() {
  const peer = new HandPlayed();
  const listener = peer.listens();
  peer.says('S', { options: [{ kind: 'mss', octets: 1000 }, { kind: 'sack-permitted' }] });
  peer.waits(40).says('.', { seq: 1, ack: 1 }); // a round trip of 40 ms
  const fd = peer.accepts(listener);
  peer.sends(fd, 'x'.repeat(5000));
  const first = seqAdd(seq(peer.lastSegment()!.seq), -4000);
  peer.waits(40).hears();
  peer.says('.', { seq: 1, ack: 1, options: [{ kind: 'sack', blocks: [{ left: seqAdd(first, 1000), right: seqAdd(first, 5000) }] }] });
  expect(peer.hears()).toEqual(['. 1:1001 ack 1']);
  return { peer, fd, reneged: () => peer.local.counters.get('TCPSACKReneging') };
}

test('a peer that keeps its word acknowledges everything at once', () => {
  const { peer, reneged } = reported();
  peer.waits(40).says('.', { seq: 1, ack: 5001 });
  expect([peer.waits(10_000).hears(), reneged()]).toEqual([[], 0]);
});

test('a peer that has thrown away what it reported: half a round trip later all of it is sent again (RFC 2018 §8)', () => {
  const { peer, reneged } = reported();
  peer.waits(40).says('.', { seq: 1, ack: 1001 }); // and not a word of the other four
  expect([peer.waits(19).hears(), reneged()]).toEqual([[], 0]); // it may still correct itself
  expect([peer.waits(2).hears(), reneged()]).toEqual([['. 1001:2001 ack 1'], 1]);
  const again: string[] = [];
  for (let ack = 2001; ack <= 5001; ack += 1000) again.push(...peer.waits(40).says('.', { seq: 1, ack }).hears());
  expect(again).toEqual(['. 2001:3001 ack 1', '. 3001:4001 ack 1', 'P. 4001:5001 ack 1']);
  expect(peer.waits(10_000).hears()).toEqual([]);
});

test('a peer that corrects itself in time is not told twice', () => {
  const { peer, reneged } = reported();
  peer.waits(40).says('.', { seq: 1, ack: 1001 }).waits(10).says('.', { seq: 1, ack: 5001 });
  expect([peer.waits(10_000).hears(), reneged()]).toEqual([[], 0]);
});
