import { expect, test } from 'vitest';
import { established, HandPlayed } from '../testing/peer.ts';

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

test('what arrives out of order waits, and is acknowledged at once when the gap closes', () => {
  const { peer, fd } = established();
  peer.says('P.', { seq: 4, ack: 1, data: 'def' });
  expect(peer.hears()).toEqual(['. ack 1']);
  expect(peer.reads(fd)).toBe('EAGAIN');
  peer.says('P.', { seq: 1, ack: 1, data: 'abc' });
  expect(peer.hears()).toEqual(['. ack 7']);
  expect(peer.reads(fd)).toBe('abcdef');
});

test('a segment that acknowledges what was never sent does not set the timestamp that is echoed', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
  peer.listens();
  const stamp = (value: number) => ({ options: [{ kind: 'timestamps', value, echo: 0 }] as const });
  peer.says('S', stamp(100)).says('.', { seq: 1, ack: 1, ...stamp(200) });
  peer.says('F.', { seq: 1, ack: 9999, ...stamp(200_000) });
  peer.hears();
  peer.says('P.', { seq: 1, ack: 1, data: 'abc', ...stamp(201) });
  expect(peer.lastOptions()).toContainEqual(expect.objectContaining({ kind: 'timestamps', echo: 201 }));
  expect(peer.hears()).toEqual(['. ack 4']);
});

test('a FIN before which no data came is acknowledged with the next tick of the clock, or by the FIN of a program that closes before', () => {
  const slow = established();
  slow.peer.says('F.', { seq: 1, ack: 1 });
  expect(slow.peer.hears()).toEqual([]);
  expect(slow.peer.waits(4).hears()).toEqual(['. ack 2']);
  const quick = established();
  quick.peer.says('F.', { seq: 1, ack: 1 });
  expect(quick.peer.waits(1).closes(quick.fd).hears()).toEqual(['F. 1 ack 2']);
});
