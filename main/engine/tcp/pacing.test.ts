import { expect, test } from 'vitest';
import { established, type HandPlayed } from '../testing/peer.ts';

/** Milliseconds at which each data segment left, with the number of its first octet. */
const departures = (peer: HandPlayed): string[] =>
  peer.events.flatMap((event) =>
    event.kind === 'segment-sent' && event.segment.payload.length > 0 ? [`${event.at / 1e6} ${event.segment.seq - peer.heardAt(0)}`] : [],
  );

test('SO_MAX_PACING_RATE: after the first ten segments one leaves when the rate has room for it', () => {
  const { peer, fd } = established();
  peer.program.setsockopt(fd, 'SO_MAX_PACING_RATE', 100_000, () => {}); // a segment of 1000 octets takes 10 ms
  peer.sends(fd, 'x'.repeat(14_000)).waits(100).says('.', { seq: 1, ack: 10_001 }).waits(100);
  expect(departures(peer).slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => `0 ${1 + 1000 * i}`));
  // Who was silent gets as much of the wait for nothing, half of it at most.
  expect(departures(peer).slice(10)).toEqual(['100 10001', '105 11001', '115 12001', '125 13001']);
});

test('what was lost is spaced out, too', () => {
  const { peer, fd } = established();
  peer.program.setsockopt(fd, 'SO_MAX_PACING_RATE', 100_000, () => {});
  peer.sends(fd, 'x'.repeat(11_000)).waits(20).says('.', { seq: 1, ack: 1001 }).waits(100);
  for (let i = 0; i < 3; i++) peer.says('.', { seq: 1, ack: 1001 });
  peer.waits(50).says('.', { seq: 1, ack: 3001 }).says('.', { seq: 1, ack: 4001 }).waits(50);
  expect(departures(peer).slice(11)).toEqual(['120 1001', '170 3001', '175 4001']);
});

test('however long the turn takes, nothing is taken for a closed window', () => {
  const { peer, fd } = established();
  peer.program.setsockopt(fd, 'SO_MAX_PACING_RATE', 1000, () => {});
  peer
    .sends(fd, 'x'.repeat(12_000))
    .waits(100)
    .says('.', { seq: 1, ack: 10_001 })
    .waits(100)
    .says('.', { seq: 1, ack: 11_001 })
    .waits(1000);
  expect(departures(peer).slice(10)).toEqual(['100 10001', '1000 11001']);
  expect(peer.local.counters.get('TCPWinProbe')).toBe(0);
});

test('an interface that spaces packets out goes by the window: twice of it in a round trip of slow start', () => {
  const { peer, fd } = established();
  peer.local.pacing = true;
  peer.sends(fd, 'x'.repeat(10_000)).waits(100).says('.', { seq: 1, ack: 10_001 });
  peer.sends(fd, 'x'.repeat(4000)).waits(50);
  const times = departures(peer)
    .slice(10)
    .map((words) => Number(words.split(' ')[0]) - 100);
  // The handshake took no time, so the round trip smoothed is 100 ms / 8; the window is 20 segments.
  const each = 12.5 / (2 * 20);
  for (const [i, at] of times.entries()) expect(at).toBeCloseTo(i === 0 ? 0 : each * (i - 0.5), 3);
  expect(times.length).toBe(4);
});

test('a connection that is over has nothing left to send', () => {
  const { peer, fd } = established();
  peer.program.setsockopt(fd, 'SO_MAX_PACING_RATE', 1000, () => {});
  peer.sends(fd, 'x'.repeat(14_000)).says('.', { seq: 1, ack: 10_001 }).says('R', { seq: 1 });
  expect(peer.engine.nextEventAt()).toBeUndefined();
});
