import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { alignCaptures } from './align/alignment.ts';
import { Analysis } from './analysis.ts';
import { dissect } from './filter/dissect.ts';
import { readFilter } from './filter/filter.ts';
import { Selection } from './filter/selection.ts';
import { Subject } from './filter/subject.ts';
import { Follower } from './follow/follow.ts';
import { listenersOf } from './listeners/listeners.ts';
import { batchOf } from './testing/conversation.ts';
import { TextPrinter } from './text/text-printer.ts';

// Frames whose lengths and layers are in order and whose fields are what nobody sends: every segment gets deep into the analysis.

/** Captures in all; HOSTILE_RUNS=100000 for a long look. */
const { HOSTILE_RUNS = '200' } = process.env;
const RUNS = Number(HOSTILE_RUNS);

const octets = (...bytes: readonly (number | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(bytes.flatMap((byte) => (typeof byte === 'number' ? [byte] : [...byte])));
const u16 = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 0xff, value & 0xff);
const u32 = (value: number): Uint8Array => octets(u16(value >>> 16), u16(value));

const EDGES = [0, 1, 2, 3, 99, 100, 101, 102, 1000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
const number32 = fc.oneof({ weight: 4, arbitrary: fc.nat(30).map((n) => 100 + n) }, fc.constantFrom(...EDGES));
const times = number32.chain((a) => number32.map((b) => octets(8, 10, u32(a), u32(b))));
const option = fc.oneof(
  fc.constantFrom(octets(1), octets(0), octets(2, 4, 5, 0xb4), octets(2, 4, 0, 0), octets(3, 3, 14), octets(3, 3, 255), octets(4, 2)),
  times,
  fc.tuple(number32, number32).map(([a, b]) => octets(5, 10, u32(a), u32(b))),
  fc
    .record({ kind: fc.nat(255), claimed: fc.nat(40), body: fc.uint8Array({ maxLength: 6 }) })
    .map((o) => octets(o.kind, o.claimed, o.body)),
);
const options = fc.array(option, { maxLength: 4 }).map((all) => {
  const joined = octets(...all).slice(0, 40);
  return octets(joined, new Uint8Array((4 - (joined.length % 4)) % 4));
});

/** Flags as they come in life, and any. */
const flags = fc.oneof(fc.constantFrom(2, 0x12, 0x10, 0x10, 0x18, 0x11, 4, 0x14), fc.nat(0x1ff));

const segment = fc
  .record({
    fromClient: fc.boolean(),
    port: fc.constantFrom(40_000, 40_001, 80),
    seq: number32,
    ack: number32,
    flags,
    window: fc.constantFrom(0, 1, 1000, 65_535),
    urgent: fc.constantFrom(0, 0, 1, 65_535),
    options,
    payload: fc.uint8Array({ maxLength: 12 }),
  })
  .map((s) => ({
    fromClient: s.fromClient,
    octets: octets(
      s.fromClient ? octets(u16(s.port), u16(80)) : octets(u16(80), u16(s.port)),
      u32(s.seq),
      u32(s.ack),
      u16((((20 + s.options.length) / 4) << 12) | s.flags),
      u16(s.window),
      u16(0),
      u16(s.urgent),
      s.options,
      s.payload,
    ),
  }));

/** Offset in units of eight octets, and whether more follow. */
const fragment = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(0x2000, 0x2001, 1, 2, 3, 0x1fff, 0x3fff));

const ipv4 = (protocol: number, fromClient: boolean, field: number, inner: Uint8Array): Uint8Array =>
  octets(
    0x45,
    0,
    u16(20 + inner.length),
    u16(7),
    u16(field),
    64,
    protocol,
    0,
    0,
    10,
    0,
    0,
    fromClient ? 1 : 2,
    10,
    0,
    0,
    fromClient ? 2 : 1,
    inner,
  );
const ipv6 = (protocol: number, fromClient: boolean, field: number, inner: Uint8Array): Uint8Array => {
  const extension = field === 0 ? octets() : octets(protocol, 0, u16(((field & 0x1fff) << 3) | (field >> 13)), u32(7));
  const address = (last: number) => octets(0x20, 1, 0x0d, 0xb8, new Uint8Array(11), last);
  const next = field === 0 ? protocol : 44;
  return octets(
    0x60,
    0,
    0,
    0,
    u16(extension.length + inner.length),
    next,
    64,
    address(fromClient ? 1 : 2),
    address(fromClient ? 2 : 1),
    extension,
    inner,
  );
};

type Wrap = (fromClient: boolean, field: number, inner: Uint8Array) => Uint8Array;
/** Packets in packets; the first nibble of `inner` tells its version. */
const isV6 = (inner: Uint8Array): boolean => inner[0]! >> 4 === 6;
const etherType = (inner: Uint8Array): Uint8Array => u16(isV6(inner) ? 0x86dd : 0x0800);
const ethernet = (inner: Uint8Array): Uint8Array => octets(new Uint8Array(12), etherType(inner), inner);
const udp = (port: number, inner: Uint8Array): Uint8Array => octets(u16(5555), u16(port), u16(8 + inner.length), 0, 0, inner);
const WRAPS: readonly Wrap[] = [
  (from, field, inner) => ipv4(isV6(inner) ? 41 : 4, from, field, inner),
  (from, field, inner) => ipv6(isV6(inner) ? 41 : 4, from, field, inner),
  (from, field, inner) => ipv4(47, from, field, octets(0, 0, etherType(inner), inner)),
  (from, field, inner) => ipv4(17, from, field, udp(4789, octets(8, 0, 0, 0, 0, 0, 5, 0, ethernet(inner)))),
  (from, field, inner) => ipv4(1, from, field, octets(3, 4, 0, 0, 0, 0, 2, 0, inner)), // quoted by ICMP
];

const frame = fc
  .record({
    segment,
    v6: fc.boolean(),
    fragments: fc.array(fragment, { minLength: 7, maxLength: 7 }),
    wraps: fc.oneof({ weight: 3, arbitrary: fc.constant<Wrap[]>([]) }, fc.array(fc.constantFrom(...WRAPS), { maxLength: 6 })),
    cut: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(60)),
    delay: fc.constantFrom(0, 0.00001, 0.001, 0.04, 0.3, 5, 100, -1),
  })
  .map(({ segment: { fromClient, octets: segmentOctets }, v6, fragments, wraps, cut, delay }) => {
    const bare = (v6 ? ipv6 : ipv4)(6, fromClient, fragments[0]!, segmentOctets);
    const packet = wraps.reduce((inner, wrap, i) => wrap(fromClient, fragments[i + 1]!, inner), bare);
    return { octets: packet.subarray(0, Math.max(1, packet.length - cut)), delay };
  });

function batchFrom(frames: readonly { readonly octets: Uint8Array; readonly delay: number }[]): FrameBatch {
  let seconds = 1000;
  return batchOf(
    frames.map(({ octets: data, delay }) => {
      seconds = Math.max(0, seconds + delay);
      return { seconds, octets: data };
    }),
  );
}

const FILTERS = ['tcp.state == CLOSE-WAIT || !(ip.ttl == 64)', 'tcp.options[2:] contains 01 && tcp.time_delta >= 0', 'ip matches "a"'];

/** Everything that can be asked of a capture. Gives how many segments there were. */
function ask(batch: FrameBatch): number {
  const analysis = new Analysis({ checksums: true });
  analysis.add(batch);
  analysis.advance(100_000, 0);
  new TextPrinter().add(batch, (line) => expect(line.length).toBeLessThan(100_000));
  expect(analysis.tcpPackets + analysis.malformed).toBeLessThanOrEqual(batch.count);
  for (let id = 0; id < analysis.connectionCount; id++) {
    const { events, states, packets, bytes } = analysis.record(id);
    expect([...analysis.events(id)]).toEqual(events);
    expect(states.client.length + states.server.length).toBeLessThan(60);
    expect(analysis.segments(id, 0, 1000).length).toBe(packets.client + packets.server);
    expect(JSON.stringify(analysis.findings(id)).length).toBeLessThan(200_000);
    let heard = 0;
    const follower = new Follower(analysis.tables, id, (said) => {
      if (said.kind === 'octets') heard += said.octets.length;
    });
    follower.add(batch);
    follower.end();
    expect(heard).toBeLessThanOrEqual(bytes.client + bytes.server);
  }
  analysis.captureFindings();
  listenersOf(analysis.tables, 100);
  alignCaptures(analysis.captured, analysis.captured);
  for (const text of FILTERS) {
    const filter = readFilter(text);
    if (!filter.ok) throw new Error(filter.error.message);
    const selection = new Selection(filter.value, analysis.tables);
    selection.add(batch);
    expect(selection.rows.count).toBeLessThanOrEqual(analysis.tcpPackets);
  }
  const subject = new Subject(analysis.tables);
  for (let i = 0; i < batch.count; i++) {
    subject.nextFrame(batch, i);
    dissect(subject);
  }
  return analysis.tcpPackets;
}

test(
  'segments in good form that nobody would send: every question has its answer',
  () => {
    let segments = 0;
    const hear = (batch: FrameBatch): void => {
      segments += ask(batch);
    };
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 60, size: 'max' }), (frames) => hear(batchFrom(frames))),
      { numRuns: RUNS },
    );
    expect(segments).toBeGreaterThan(RUNS * 5);
  },
  RUNS * 100,
);
