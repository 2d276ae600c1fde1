import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptureReader } from '../capture/capture-reader.ts';
import { writePcapng } from '../capture/pcapng-writer.ts';
import { captureFiles } from '../capture/testing/captures.ts';
import { Analysis } from './analysis.ts';
import { batchOf } from './testing/conversation.ts';
import { TextPrinter } from './text/text-printer.ts';

/** Captures in all; HOSTILE_RUNS=100000 for a long look. */
const { HOSTILE_RUNS = '2000' } = process.env;
const RUNS = Number(HOSTILE_RUNS);
const LIMIT = 200 << 20;

const small = captureFiles()
  .map((path) => readFileSync(path))
  .filter((octets) => octets.length < 20_000);

/** The whole way of a capture: read, analysed, told, printed. Gives what it weighs, too. */
function digest(octets: Uint8Array): { frames: number; seen: number; message: string } {
  const analysis = new Analysis();
  const printer = new TextPrinter();
  let frames = 0;
  const reader = new CaptureReader({
    onBatch: (batch) => {
      frames += batch.count;
      analysis.add(batch);
      printer.add(batch, (line) => expect(line.length).toBeLessThan(100_000));
    },
  });
  reader.push(octets);
  const end = reader.finish();
  for (let id = 0; id < analysis.connectionCount; id++) {
    const { states, packets } = analysis.record(id);
    expect(states.client.length + states.server.length).toBeLessThan(40);
    expect(analysis.segments(id, 0, 100).length).toBe(Math.min(100, packets.client + packets.server));
  }
  const { packets, tcpPackets, malformed } = analysis.summary();
  expect(tcpPackets + malformed).toBeLessThanOrEqual(packets);
  return { frames, seen: packets, message: end.ok ? (end.value.note?.message ?? '') : end.error.message };
}

const weight = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const run = fc.record({ at: fc.nat(), length: fc.integer({ min: 1, max: 8 }), value: fc.constantFrom(0, 1, 0x45, 0x60, 0x7f, 0x80, 0xff) });
const damage = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('fill' as const), run }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('again' as const), from: fc.nat(), to: fc.nat(), length: fc.integer({ min: 1, max: 400 }) }),
);

type Wound = typeof damage extends fc.Arbitrary<infer W> ? W : never;

function hurt(octets: Buffer, wounds: readonly Wound[]): Buffer {
  let hurtful = Buffer.from(octets);
  for (const wound of wounds) {
    const { length } = hurtful;
    if (length === 0) break;
    if (wound.kind === 'flip') hurtful[wound.at % length]! ^= 1 << wound.bit;
    else if (wound.kind === 'fill')
      hurtful
        .subarray(wound.run.at % length)
        .subarray(0, wound.run.length)
        .fill(wound.run.value);
    else if (wound.kind === 'cut') hurtful = hurtful.subarray(0, wound.at % length);
    else hurtful.copy(hurtful, wound.to % length, wound.from % length, (wound.from % length) + wound.length);
  }
  return hurtful;
}

test('a hurt capture is read as far as it goes; what is wrong is counted or told in one line, and memory stays small', () => {
  let told = 0;
  fc.assert(
    fc.property(fc.nat(), fc.array(damage, { minLength: 1, maxLength: 12 }), (which, wounds) => {
      const { frames, seen, message } = digest(hurt(small[which % small.length]!, wounds));
      expect(seen).toBe(frames);
      expect(message).not.toContain('\n');
      if (message !== '') told++;
      expect(weight()).toBeLessThan(LIMIT);
    }),
    { numRuns: RUNS },
  );
  expect(told).toBeGreaterThan(RUNS / 100);
}, 1e7);

test('frames of any octets behind any link type', () => {
  const start = fc.constantFrom(
    '',
    '0800',
    '4500',
    '45000028',
    '6000',
    '8847',
    '88a8',
    'aaaa03',
    '4500002800004000402f',
    '4500002800004000',
  );
  const frame = fc.tuple(start, fc.uint8Array({ maxLength: 120 })).map(([hex, rest]) => Uint8Array.of(...Buffer.from(hex, 'hex'), ...rest));
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.nat(300), (frames, linkType) => {
      const batch = batchOf(frames.map((octets, i) => ({ seconds: i, octets })));
      const { seen } = digest(writePcapng([{ ...batch, linkType: batch.linkType.fill(linkType) }]));
      expect(seen).toBe(frames.length);
    }),
    { numRuns: RUNS },
  );
}, 1e7);

test('octets that never were a capture', () => {
  const magic = fc.constantFrom('', 'd4c3b2a1', 'a1b2c3d4', '4d3cb2a1', '34cdb2a1', '0a0d0d0a1c0000004d3c2b1a', '1f8b08');
  fc.assert(
    fc.property(magic, fc.uint8Array({ maxLength: 400 }), (hex, rest) => {
      const { frames, message } = digest(Uint8Array.of(...Buffer.from(hex, 'hex'), ...rest));
      if (frames === 0) expect(message).not.toBe('');
    }),
    { numRuns: RUNS },
  );
}, 1e7);
