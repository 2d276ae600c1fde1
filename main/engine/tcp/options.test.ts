import { expect, test } from 'vitest';
import { HandPlayed } from '../testing/peer.ts';

const wide = { kind: 'mss', octets: 1000 } as const;

test('options are offered and agreed: MSS, window scale, SACK, timestamps', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
  peer.listens();
  peer.says('S', {
    options: [wide, { kind: 'window-scale', shift: 3 }, { kind: 'sack-permitted' }, { kind: 'timestamps', value: 9, echo: 0 }],
  });
  expect(peer.lastOptions().map((o) => o.kind)).toEqual(['mss', 'sack-permitted', 'timestamps', 'nop', 'window-scale']);
  const [connection] = peer.engine.snapshot().hosts[0]!.connections;
  expect(connection!.options).toEqual({ timestamps: true, sack: true, windowScale: { send: 3, receive: 10 } });
  expect(connection!.mss).toBe(1000 - 12);
});

test('what the peer does not offer is not used; without an MSS option segments carry 536 octets', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
  peer.listens();
  peer.says('S');
  expect(peer.lastOptions().map((o) => o.kind)).toEqual(['mss']);
  expect(peer.engine.snapshot().hosts[0]!.connections[0]!.mss).toBe(536);
});
