import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transition } from '../tcp-model/transitions.ts';
import type { Segment, TcpOption } from '../wire/segment.ts';
import { seq } from '../wire/seq.ts';
import { established, type HandPlayed } from './testing/peer.ts';

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
/** Numbers near where they count (the hand-played peer starts at 5000), or anywhere. */
const near = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -3, max: 70_000 }) }, { weight: 1, arbitrary: u32 });
const option: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.constant({ kind: 'nop' as const }),
  fc.record({ kind: fc.constant('mss' as const), octets: u16 }),
  fc.record({ kind: fc.constant('window-scale' as const), shift: fc.integer({ min: 0, max: 255 }) }),
  fc.constant({ kind: 'sack-permitted' as const }),
  fc.record({ kind: fc.constant('timestamps' as const), value: u32, echo: u32 }),
  fc.record({
    kind: fc.constant('sack' as const),
    blocks: fc.array(fc.record({ left: u32.map(seq), right: u32.map(seq) }), { maxLength: 3 }),
  }),
);
const injected = fc.record({
  at: near,
  ack: near,
  flags: fc.integer({ min: 0, max: 0x1ff }),
  window: u16,
  urgent: u16,
  options: fc.array(option, { maxLength: 3 }),
  payload: fc.uint8Array({ maxLength: 60 }),
  known: fc.boolean(),
  next: fc.constantFrom('nothing', 'write', 'read', 'shutdown', 'wait', 'close'),
});

function inject(
  peer: HandPlayed,
  one: { at: number; ack: number; known: boolean } & Omit<Segment, 'seq' | 'ack' | 'srcPort' | 'dstPort'>,
): void {
  const [connection] = peer.engine.snapshot().hosts[0]!.connections;
  const iss = connection?.sequence.iss ?? 0;
  peer.injects({ ...one, srcPort: one.known ? 4000 : 4001, dstPort: 9502, seq: seq(5000 + one.at), ack: seq(iss + one.ack) });
}

test('whatever arrives, in whatever state: nothing throws, every change is in the table, and time comes to an end', () => {
  fc.assert(
    fc.property(fc.array(injected, { maxLength: 25 }), (segments) => {
      const { peer, fd } = established({ 'net.ipv4.tcp_timestamps': 1 });
      for (const one of segments) {
        inject(peer, one);
        if (one.next === 'write') peer.program.send(fd, new Uint8Array(700), ['MSG_DONTWAIT'], () => {});
        if (one.next === 'read') peer.reads(fd, 100);
        if (one.next === 'shutdown') peer.program.shutdown(fd, 'SHUT_WR', () => {});
        if (one.next === 'close') peer.closes(fd);
        if (one.next === 'wait') peer.waits(250);
      }
      peer.program.exit();
      expect(peer.engine.runUntilIdle(20_000)).toBeLessThan(20_000);
      expect(peer.local.connections.count).toBe(0);
      for (const e of peer.events) if (e.kind === 'state') expect(transition(e.from, e.trigger, e.to)).toBeDefined();
    }),
    { numRuns: 1500 },
  );
});
