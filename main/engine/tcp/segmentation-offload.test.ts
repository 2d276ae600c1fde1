import { describe, expect, test } from 'vitest';
import { octets } from '../testing/lab.ts';
import { HandPlayed } from '../testing/peer.ts';

/** A host that leaves the cutting to the link, and a peer whose segments hold 1000 octets. */
function offloading(window = 65_000): { peer: HandPlayed; fd: number } {
  const peer = new HandPlayed({}, undefined, true);
  const listener = peer.listens();
  peer.says('S', { window, options: [{ kind: 'mss', octets: 1000 }, { kind: 'sack-permitted' }] }).says('.', { seq: 1, ack: 1, window });
  const fd = peer.accepts(listener);
  peer.hears();
  peer.forms();
  return { peer, fd };
}

describe('what is formed at once', () => {
  test('is half the congestion window at most, and the cable cuts it: PSH behind the last segment of each', () => {
    const { peer, fd } = offloading();
    peer.sends(fd, 'x'.repeat(10_000));
    expect(peer.forms()).toEqual(['P. 1:5001 ack 1', 'P. 5001:10001 ack 1']);
    expect(peer.hears()).toEqual([
      '. 1:1001 ack 1',
      '. 1001:2001 ack 1',
      '. 2001:3001 ack 1',
      '. 3001:4001 ack 1',
      'P. 4001:5001 ack 1',
      '. 5001:6001 ack 1',
      '. 6001:7001 ack 1',
      '. 7001:8001 ack 1',
      '. 8001:9001 ack 1',
      'P. 9001:10001 ack 1',
    ]);
  });

  test('is half the largest window of the peer at most, however much the user writes', () => {
    const { peer, fd } = offloading(6000);
    peer.sends(fd, 'x'.repeat(6000));
    expect(peer.forms()).toEqual(['P. 1:3001 ack 1', 'P. 3001:6001 ack 1']);
  });

  test('ends with a whole segment where Nagle holds back the rest, and takes the rest along where nothing does', () => {
    const { peer, fd } = offloading();
    peer.sends(fd, 'x'.repeat(100)).sends(fd, 'y'.repeat(2500));
    expect(peer.forms()).toEqual(['P. 1:101 ack 1', 'P. 101:2101 ack 1']);
    peer.says('.', { seq: 1, ack: 2101 });
    expect(peer.forms()).toEqual(['P. 2101:2601 ack 1']);
    peer.says('.', { seq: 1, ack: 2601 }).sends(fd, 'z'.repeat(2500));
    expect(peer.forms()).toEqual(['P. 2601:5101 ack 1']);
  });

  test('ends where the window of the peer does', () => {
    const { peer, fd } = offloading();
    peer.says('P.', { seq: 1, ack: 1, data: 'q' }).says('.', { seq: 2, ack: 1, window: 3500 }).sends(fd, 'x'.repeat(5000));
    expect(peer.forms()).toEqual(['. ack 2', 'P. 1:3501 ack 2']);
    peer.says('.', { seq: 2, ack: 3501, window: 3500 });
    expect(peer.forms()).toEqual(['P. 3501:5001 ack 2']);
  });

  test('on a slow way is two segments: a millisecond of the rate would be less', () => {
    const { peer, fd } = offloading();
    peer.sends(fd, 'x'.repeat(1000)).waits(100).says('.', { seq: 1, ack: 1001 });
    peer.forms();
    peer.sends(fd, 'x'.repeat(4000));
    expect(peer.forms()).toEqual(['P. 1001:3001 ack 1', 'P. 3001:5001 ack 1']);
  });

  test('waits for the next ACK while little of the window is free', () => {
    const { peer, fd } = offloading();
    peer.waits(10).sends(fd, 'x'.repeat(1000)).waits(2).says('.', { seq: 1, ack: 1001 }); // a round trip of 2 ms
    peer.sends(fd, 'x'.repeat(30_000)).waits(1.5);
    peer.forms();
    peer.sends(fd, '').says('.', { seq: 1, ack: 2001 });
    const first = peer.forms();
    peer.says('.', { seq: 1, ack: 3001 });
    expect([first, peer.forms()]).toEqual([['P. 11001:13001 ack 1'], []]);
  });
});

describe('what was formed at once', () => {
  test('is lost and sent again in parts: the cable loses segments, not buffers', () => {
    const { peer, fd } = offloading();
    peer.sends(fd, 'x'.repeat(10_000)).hears();
    peer.says('.', { seq: 1, ack: 1, options: [{ kind: 'sack', blocks: [{ left: peer.heardAt(2001), right: peer.heardAt(9001) }] }] });
    peer.forms();
    expect(peer.hears()).toEqual(['. 1:1001 ack 1', '. 1001:2001 ack 1']);
    peer.says('.', { seq: 1, ack: 9001 }).waits(1000);
    expect(peer.hears()[0]).toBe('P. 9001:10001 ack 1');
  });

  test('ends a record with MSG_EOR, and nothing is added to it', () => {
    const { peer, fd } = offloading();
    peer.sends(fd, 'x'.repeat(10_400));
    peer.program.send(fd, octets('y'.repeat(400)), ['MSG_EOR'], () => {});
    peer.sends(fd, 'z'.repeat(1000)).forms();
    peer.says('.', { seq: 1, ack: 10_001 });
    expect(peer.forms()).toEqual(['P. 10001:10801 ack 1', 'P. 10801:11801 ack 1']);
  });
});

test('without DF (IP_PMTUDISC_DONT) a buffer is cut into segments all the same, and not into fragments', () => {
  const { peer, fd } = offloading();
  peer.program.setsockopt(fd, 'IP_MTU_DISCOVER', 0, () => {});
  peer.sends(fd, 'x'.repeat(3000));
  expect(peer.hears()).toEqual(['. 1:1001 ack 1', '. 1001:2001 ack 1', 'P. 2001:3001 ack 1']);
});
