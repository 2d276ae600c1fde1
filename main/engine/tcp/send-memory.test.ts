import { describe, expect, test } from 'vitest';
import { Poll } from '../sockets/poll-events.ts';
import { HandPlayed } from '../testing/peer.ts';

/** A program that must not wait, on a host with segmentation offload; the peer's segments hold 1000 octets, its window 32,000. */
function writer(options: Readonly<Record<string, number>>): { peer: HandPlayed; fd: number } {
  const peer = new HandPlayed({}, undefined, true);
  const listener = peer.listens();
  peer.says('S', { window: 32_000, options: [{ kind: 'mss', octets: 1000 }] }).says('.', { seq: 1, ack: 1, window: 32_000 });
  const fd = peer.accepts(listener);
  for (const [name, value] of Object.entries(options)) peer.program.setsockopt(fd, name, value, () => {});
  return { peer, fd };
}

/** What a write that must not wait takes: octets, or the errno. */
function takes({ peer, fd }: ReturnType<typeof writer>, octets: number): number | string {
  let taken: number | string = 'not ended';
  peer.program.send(fd, new Uint8Array(octets), ['MSG_DONTWAIT'], (result) => {
    taken = result.ok ? result.value : result.error.errno;
  });
  peer.waits(0);
  return taken;
}

function isWritable({ peer, fd }: ReturnType<typeof writer>): boolean {
  let revents = 0;
  peer.program.poll([{ fd, events: Poll.OUT }], 0, (result) => {
    revents = result.ok ? (result.value[0]?.revents ?? 0) : 0;
  });
  peer.waits(0);
  return (revents & Poll.OUT) !== 0;
}

/** The peer's word that it has so much, in a window as wide as before. */
const acknowledges = ({ peer }: ReturnType<typeof writer>, ack: number): HandPlayed => peer.says('.', { seq: 1, ack, window: 32_000 });

describe('SO_SNDBUF is charged', () => {
  test('with each buffer and what it costs to keep; the last one is filled although that goes beyond', () => {
    const one = writer({ SO_SNDBUF: 10_000 });
    // Buffers hold half the peer's window, 16,000 octets. Ten segments are under way as two buffers of 5000 and their
    // 1280 octets each: 12,560 of 20,000, so another buffer begins, and is filled.
    expect(takes(one, 100_000)).toBe(26_000);
    expect(takes(one, 1)).toBe('EAGAIN');
  });

  test('until a buffer is acknowledged as a whole; who waits is told when a third is free', () => {
    const one = writer({ SO_SNDBUF: 10_000 });
    takes(one, 100_000);
    expect(isWritable(one)).toBe(false);
    acknowledges(one, 10_001);
    expect(isWritable(one)).toBe(false); // 16,000 octets in two buffers or more are more than two thirds
    acknowledges(one, 20_001);
    expect(isWritable(one)).toBe(true);
  });

  test('and grows with the congestion window while nobody has set it', () => {
    const one = writer({});
    const first = takes(one, 1_000_000);
    acknowledges(one, 10_001);
    acknowledges(one, 26_001);
    acknowledges(one, 42_001);
    expect(takes(one, 1_000_000)).toBeGreaterThan(first as number);
  });
});

test('TCP_NOTSENT_LOWAT: a new buffer begins only while less is unsent, and who waits is told at half of that', () => {
  const one = writer({ SO_SNDBUF: 1_000_000, TCP_NOTSENT_LOWAT: 4000 });
  expect(takes(one, 100_000)).toBe(26_000);
  acknowledges(one, 6001);
  expect(isWritable(one)).toBe(false);
  acknowledges(one, 9001);
  expect(isWritable(one)).toBe(true);
});
