import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureReader } from './capture-reader.ts';
import { Octets, pcapHeader } from './testing/capture-octets.ts';
import { read } from './testing/frames.ts';

const HELLO = Buffer.from('hello');

describe('classic pcap', () => {
  test.each([
    ['microseconds', 0xa1b2c3d4, true, 123_456_000],
    ['microseconds', 0xa1b2c3d4, false, 123_456_000],
    ['nanoseconds', 0xa1b23c4d, true, 123_456],
    ['nanoseconds', 0xa1b23c4d, false, 123_456],
  ])('in %s, magic %i, little-endian %s', (_, magic, little, nanoseconds) => {
    const capture = pcapHeader(little, magic, 101).u32(1_700_000_000, 123_456, 5, 1500).raw(HELLO).done();
    const { frames, end } = read([capture]);
    expect(frames).toEqual([
      {
        octets: new Uint8Array(HELLO),
        originalLength: 1500,
        seconds: 1_700_000_000,
        nanoseconds,
        linkType: 101,
        interfaceId: 0,
        position: 40,
      },
    ]);
    expect(end).toEqual({ ok: true, value: { format: 'pcap', frames: 1, interfaces: [{ id: 0, linkType: 101, snapLength: 65_535 }] } });
  });

  test("Kuznetzov's variant has eight more octets in every record", () => {
    const capture = pcapHeader(true, 0xa1b2cd34).u32(1, 2, 5, 5, 7, 0x0800_0001).raw(HELLO).u32(3, 4, 5, 5, 7, 0).raw(HELLO).done();
    const { frames } = read([capture]);
    expect(frames.map(({ octets, seconds }) => [Buffer.from(octets).toString(), seconds])).toEqual([
      ['hello', 1],
      ['hello', 3],
    ]);
  });

  test('before version 2.3 the original length came first', () => {
    const { frames } = read([pcapHeader(true, 0xa1b2c3d4, 1, 2).u32(1, 2, 900, 5).raw(HELLO).done()]);
    expect(frames[0]).toMatchObject({ originalLength: 900, octets: new Uint8Array(HELLO) });
  });

  test('the bits above the link type that tell of check sequences are not part of it', () => {
    expect(read([pcapHeader(true, 0xa1b2c3d4, 0x1400_0001).u32(0, 0, 5, 5).raw(HELLO).done()]).frames[0]!.linkType).toBe(1);
  });

  test('a fraction beyond one second is carried, not lost', () => {
    const { frames } = read([pcapHeader(true, 0xa1b2c3d4).u32(10, 4_000_000_001, 5, 5).raw(HELLO).done()]);
    expect(frames[0]).toMatchObject({ seconds: 4010, nanoseconds: 1000 });
  });
});

/** An interface with a name, times in `resolution`, `offset` seconds ahead. */
const described = (b: Octets, linkType: number, name: string, resolution = 6, offset = 0n): Octets =>
  b.block(1, (i) =>
    i
      .u16(linkType, 0)
      .u32(262_144)
      .option(2, Buffer.from(name))
      .option(9, Buffer.from([resolution]))
      .u16(14, 8)
      .u64(offset)
      .u32(0),
  );
const enhanced = (b: Octets, id: number, ticks: bigint, octets: Uint8Array, original = octets.length): Octets =>
  b.block(6, (p) =>
    p
      .u32(id, Number(ticks >> 32n), Number(ticks & 0xffff_ffffn), octets.length, original)
      .padded(octets)
      .option(2, Buffer.from([1, 0, 0, 0]))
      .u32(0),
  );

describe('pcapng', () => {
  test.each([true, false])('two sections, the first little-endian: %s; interfaces are numbered on', (little) => {
    const first = described(described(new Octets(little).section(), 1, 'eth0', 9), 101, 'tun0', 6, 100n);
    enhanced(first, 1, 5_000_001n, HELLO, 1500);
    enhanced(first, 0, 1_700_000_000_123_456_789n, Buffer.from('a'));
    const second = described(new Octets(!little).section(), 276, 'any', 0x8a);
    enhanced(second, 0, 1025n, Buffer.from('abcd'));
    const { frames, end } = read([first.done(), second.done()]);
    expect(frames.map(({ octets, position, ...rest }) => ({ ...rest, text: Buffer.from(octets).toString() }))).toEqual([
      { text: 'hello', originalLength: 1500, seconds: 105, nanoseconds: 1000, linkType: 101, interfaceId: 1 },
      { text: 'a', originalLength: 1, seconds: 1_700_000_000, nanoseconds: 123_456_789, linkType: 1, interfaceId: 0 },
      { text: 'abcd', originalLength: 4, seconds: 1, nanoseconds: 976_562, linkType: 276, interfaceId: 2 },
    ]);
    expect(end.ok && end.value.interfaces.map((each) => each.name)).toEqual(['eth0', 'tun0', 'any']);
    const whole = Buffer.concat([first.done(), second.done()]);
    for (const { octets, position } of frames) expect(whole.subarray(position, position + octets.length)).toEqual(Buffer.from(octets));
  });

  test('simple and obsolete packet blocks; blocks of unknown types are passed over', () => {
    const capture = new Octets(false)
      .section()
      .block(1, (i) => i.u16(1, 0).u32(3).u32(0))
      .block(0x0bad, (b) => b.raw(Buffer.alloc(400, 0xff)))
      .block(3, (p) => p.u32(1500).padded(Buffer.from('abc')))
      .block(2, (p) => p.u16(0, 9).u32(0, 2_000_003, 5, 5).padded(HELLO))
      .done();
    const { frames, end } = read([capture]);
    expect(
      frames.map(({ octets, originalLength, seconds, nanoseconds }) => [
        Buffer.from(octets).toString(),
        originalLength,
        seconds,
        nanoseconds,
      ]),
    ).toEqual([
      ['abc', 1500, 0, 0],
      ['hello', 5, 2, 3000],
    ]);
    expect(end).toMatchObject({ ok: true, value: { frames: 2 } });
  });

  test('interface statistics come out as they were written', () => {
    const capture = described(new Octets(true).section(), 1, 'lo', 9)
      .block(5, (s) => s.u32(0, 0, 1_000_000_007).u16(4, 8).u64(10n).u16(5, 8).u64(1n).u16(7, 8).u64(2n).u16(8, 8).u64(7n).u32(0))
      .done();
    expect(read([capture]).statistics).toEqual([
      { interfaceId: 0, seconds: 1, nanoseconds: 7, received: 10, droppedByInterface: 1, droppedByKernel: 2, delivered: 7 },
    ]);
  });
});

/** One of everything, some 4 KiB. */
function mixed(): Buffer {
  const b = described(new Octets(true).section(), 1, 'lo', 9);
  for (let i = 0; i < 40; i++) {
    enhanced(b, 0, 1_700_000_000_000_000_000n + BigInt(i), Buffer.alloc(i * 3, i));
    if (i % 7 === 0) b.block(0x0bad, (u) => u.raw(Buffer.alloc(4 * i, 1)));
  }
  return b.done();
}

test('however a stream is cut into pieces, the frames and what they say are the same', () => {
  const whole = mixed();
  const expected = read([whole]);
  expect(expected.frames).toHaveLength(40);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 60 }), fc.boolean(), (cuts, live) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const { frames, end } = read(
        edges.slice(1).map((edge, i) => whole.subarray(edges[i], edge)),
        live,
      );
      expect(frames).toEqual(expected.frames);
      expect(end).toEqual(expected.end);
    }),
    { numRuns: 200 },
  );
  expect(read(Array.from(whole, (octet) => Uint8Array.of(octet))).frames).toEqual(expected.frames);
});

test('a live reader hands frames over at the end of every push; frames are copied only where a push cuts one', () => {
  const whole = mixed();
  const counts = (pushes: readonly Uint8Array[], live: boolean) => read(pushes, live).batches.map(({ count }) => count);
  const halves = [whole.subarray(0, 2000), whole.subarray(2000)];
  expect(counts([whole], false)).toEqual([40]);
  expect(counts(halves, true)).toEqual([22, 1, 17]); // of the first half, cut, of the second half
  expect(read([whole]).batches[0]!.data.buffer).toBe(whole.buffer);

  const pushed: number[] = [];
  const reader = new CaptureReader({ live: true, onBatch: ({ count }) => pushed.push(count) });
  reader.push(halves[0]!);
  expect(pushed).toEqual([22]);
});

test('no batch holds more than 4096 frames', () => {
  const b = pcapHeader(true, 0xa1b2c3d4);
  for (let i = 0; i < 10_000; i++) b.u32(i, 0, 1, 1).u8(i & 0xff);
  expect(read([b.done()]).batches.map((batch) => batch.count)).toEqual([4096, 4096, 1808]);

  const ng = described(new Octets(false).section(), 1, 'lo', 9);
  for (let i = 0; i < 5000; i++) enhanced(ng, 0, BigInt(i), Uint8Array.of(i & 0xff));
  const { batches, frames } = read([ng.done()]);
  expect(batches.map((batch) => batch.count)).toEqual([4096, 904]);
  expect(frames.every(({ octets, nanoseconds }, i) => nanoseconds === i && octets[0] === (i & 0xff))).toBe(true);
});

describe('broken captures', () => {
  test('cut anywhere: every whole frame is delivered, and a note says where the rest was', () => {
    const whole = mixed();
    const { frames: all } = read([whole]);
    for (let length = 0; length < whole.length; length++) {
      const { frames, end } = read([whole.subarray(0, length)]);
      const complete = all.filter(({ octets, position }) => position + octets.length + (-octets.length & 3) + 16 <= length);
      expect(frames.map(({ position }) => position).join()).toBe(complete.map(({ position }) => position).join());
      if (end.ok) expect(end.value.note?.position ?? length).toBeLessThanOrEqual(length);
      else expect(['not-a-capture', 'damaged']).toContain(end.error.kind);
    }
  });

  test('a length that lies costs no memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    const pieces = Array.from({ length: 200 }, () => pcapHeader(true, 0xa1b2c3d4).u32(1, 2, 262_144, 262_144).raw(HELLO).done());
    const readings = pieces.map((piece) => read([piece]));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
    expect(readings[0]!.end).toMatchObject({ ok: true, value: { frames: 0, note: { kind: 'truncated', position: 24 } } });
  });

  test('damage after some frames: they are delivered, and the note says what stands where', () => {
    const capture = pcapHeader(true, 0xa1b2c3d4).u32(1, 2, 5, 5).raw(HELLO).u32(1, 2, 0xffff_ffff, 5).raw(Buffer.alloc(1000)).done();
    const { frames, end } = read([capture]);
    expect(frames).toHaveLength(1);
    expect(end).toMatchObject({ ok: true, value: { note: { kind: 'damaged', position: 45 } } });
    expect(end.ok && end.value.note?.message).toContain('4294967295 octets');
  });

  test.each([
    ['nothing', Buffer.alloc(0), 'not-a-capture'],
    ['two octets', Buffer.from([0xd4, 0xc3]), 'not-a-capture'],
    ['text', Buffer.from('# Captures\n'), 'not-a-capture'],
    ['a pcap of version 9', Buffer.from('d4c3b2a109000400000000000000000000000400010000000000', 'hex'), 'damaged'],
    ['half a header', pcapHeader(true, 0xa1b2c3d4).done().subarray(0, 20), 'damaged'],
    ['a packet of no interface', enhanced(new Octets(true).section(), 3, 0n, HELLO).done(), 'damaged'],
    ['a block of eight octets', new Octets(true).section().u32(1, 8, 8).done(), 'damaged'],
    ['lengths that differ', new Octets(true).section().u32(6, 16, 0, 20).done(), 'damaged'],
  ])('%s is refused with one clear error', (_, octets, kind) => {
    const { end, frames } = read([octets]);
    expect(frames).toEqual([]);
    expect(end).toMatchObject({ ok: false, error: { kind } });
  });
});
