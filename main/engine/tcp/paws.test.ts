import { expect, test } from 'vitest';
import { HandPlayed } from '../testing/peer.ts';

const DAY = 86_400_000;

/** A connection with timestamps and SACK whose peer has said "new" at time 2000; old segments come next. */
function stamped() {
  const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
  const at = (value: number) => ({ options: [{ kind: 'timestamps', value, echo: 0 }] as const });
  const listener = peer.listens();
  const options = [{ kind: 'mss', octets: 1000 }, { kind: 'sack-permitted' }, ...at(1000).options] as const;
  peer.says('S', { options }).says('.', { seq: 1, ack: 1, ...at(1000) });
  const fd = peer.accepts(listener);
  peer.says('P.', { seq: 1, ack: 1, data: 'new', ...at(2000) }).hears();
  const refused = () => peer.local.counters.get('PAWSEstab');
  return { peer, fd, at, refused };
}

test('PAWS: data that fits the window but carries an older timestamp is not taken; its sender is told where we stand', () => {
  const { peer, fd, at, refused } = stamped();
  peer.says('P.', { seq: 4, ack: 1, data: 'old', ...at(1999) });
  expect([peer.hears(), peer.reads(fd), peer.reads(fd), refused()]).toEqual([['. ack 4'], 'new', 'EAGAIN', 1]);
  peer.says('P.', { seq: 4, ack: 1, data: 'now', ...at(2000) }); // the same instant is not the past
  expect([peer.reads(fd), refused()]).toEqual(['now', 1]);
});

test('PAWS: the timestamp comes round, and 2^31 ticks on is the past', () => {
  const { peer, fd, at, refused } = stamped();
  peer.says('P.', { seq: 4, ack: 1, data: 'a', ...at(2000 + 2 ** 31 - 1) });
  peer.says('P.', { seq: 5, ack: 1, data: 'b', ...at(2000) }); // 2^31 + 1 ticks later on the circle
  peer.says('P.', { seq: 5, ack: 1, data: 'c', ...at(2000 + 2 ** 32 - 2 ** 30) });
  expect([peer.reads(fd), refused()]).toEqual(['newac', 1]);
});

test('PAWS: a duplicate of what was taken is reported by D-SACK, though its timestamp is old', () => {
  const { peer, at } = stamped();
  peer.says('P.', { seq: 1, ack: 1, data: 'new', ...at(1500) });
  const block = { left: peer.start + 1, right: peer.start + 4 };
  expect(peer.lastOptions()).toContainEqual({ kind: 'sack', blocks: [block] });
});

test('PAWS: a RST is believed whatever its timestamp (RFC 7323 §5.2)', () => {
  const { peer, at } = stamped();
  peer.says('R', { seq: 4, ...at(1) });
  expect(peer.changes().at(-1)).toBe('ESTABLISHED rst CLOSED');
});

test('PAWS: an ACK overtaken by a later one is no intruder, but one from long ago is', () => {
  const { peer, at, refused } = stamped();
  peer.says('.', { seq: 4, ack: 1, ...at(1999) });
  expect([peer.hears(), refused()]).toEqual([[], 0]);
  peer.says('.', { seq: 4, ack: 1, ...at(1) });
  expect([peer.hears(), refused()]).toEqual([['. ack 4'], 1]);
});

test('PAWS: after 24 days without a word the peer may begin its clock anew (RFC 7323 §5.5)', () => {
  const { peer, fd, at, refused } = stamped();
  peer.waits(23 * DAY).says('P.', { seq: 4, ack: 1, data: 'x', ...at(1) });
  expect([peer.reads(fd), refused()]).toEqual(['new', 1]);
  peer.waits(1.1 * DAY).says('P.', { seq: 4, ack: 1, data: 'x', ...at(1) });
  expect([peer.reads(fd), refused()]).toEqual(['x', 1]);
});
