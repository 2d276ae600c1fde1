import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { CaptureReader } from '../capture/capture-reader.ts';
import { captureFiles } from '../capture/testing/captures.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { Analysis } from './analysis.ts';
import { Connection, type ConnectionStore } from './connection-store.ts';
import { WORDS } from './connection-words.ts';
import { type PacketColumns, slot } from './packet-columns.ts';
import { WORDS_SHIFT } from './row-words.ts';
import { frames } from './testing/conversation.ts';
import { live } from './testing/engine-life.ts';
import { rough } from './testing/random-lives.ts';

/** The analysis that leaves every segment to the rules. */
const { Analysis: Thorough } = await withRulesAlone();

async function withRulesAlone(): Promise<typeof import('./analysis.ts')> {
  vi.resetModules();
  vi.doMock('./ordinary.ts', () => ({ goesOn: () => 0 }));
  return await import('./analysis.ts');
}
afterAll(() => {
  vi.doUnmock('./ordinary.ts');
});

function wordsOf(store: ConnectionStore, id: number): Int32Array {
  const connection = new Connection();
  store.seek(id, connection);
  return connection.words.slice(connection.at, connection.at + WORDS);
}

/** All words of a row, as they stand. */
function rowOf(columns: PacketColumns, row: number): Int32Array {
  const at = slot(row) << WORDS_SHIFT;
  return columns.page(row).words.slice(at, at + (1 << WORDS_SHIFT));
}

/** Everything an analysis can be asked, and the words it keeps. */
function all(analysis: Analysis, batches: readonly FrameBatch[]) {
  for (const batch of batches) analysis.add(batch);
  const { store, columns } = analysis.tables;
  return {
    rows: Array.from({ length: columns.count }, (_, row) => rowOf(columns, row)),
    summary: analysis.summary(),
    changed: analysis.takeChanged(),
    connections: Array.from({ length: store.count }, (_, id) => ({
      record: analysis.record(id),
      segments: analysis.segments(id, 0, 1e9),
      words: wordsOf(store, id),
    })),
  };
}

test('what is taken as ordinary leaves what the rules would leave: every capture', () => {
  for (const path of captureFiles()) {
    const batches: FrameBatch[] = [];
    const reader = new CaptureReader({ onBatch: (batch) => batches.push(batch) });
    reader.push(readFileSync(path));
    reader.finish();
    const name = basename(path);
    expect({ name, ...all(new Analysis(), batches) }).toEqual({ name, ...all(new Thorough(), batches) });
  }
}, 60_000);

test('random lives, from their first packet and from any later one', () => {
  fc.assert(
    fc.property(rough, fc.nat({ max: 20 }), (life, missed) => {
      const batches = live(life).batches.slice(missed);
      expect(all(new Analysis(), batches)).toEqual(all(new Thorough(), batches));
    }),
    { numRuns: 150 },
  );
});

/** A segment as its sender would send it next, or nearly so. */
interface Step {
  readonly forth: boolean;
  readonly flags: string;
  readonly length: number;
  /** How far sequence number and acknowledgement are from what would come next. */
  readonly seq: number;
  readonly ack: number;
  readonly rest: string;
}

const near = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constantFrom(-100, -1, 1, 100, 5000, 2 ** 31));
const step: fc.Arbitrary<Step> = fc.record({
  forth: fc.boolean(),
  flags: fc.oneof({ weight: 12, arbitrary: fc.constantFrom('A', 'PA') }, fc.constantFrom('S', 'SA', 'FA', 'R', 'RA', 'U', 'UA')),
  length: fc.constantFrom(0, 0, 1, 2, 50, 100),
  seq: near,
  ack: near,
  rest: fc.constantFrom(
    '',
    '',
    'win=100',
    'win=50',
    'win=1',
    'win=0',
    'options=0101080a0000000100000002',
    'options=0303070001010101',
    'options=ff',
  ),
});

function script(steps: readonly Step[], handshake: boolean): string {
  const next = { client: 1, server: 1 };
  const lines = handshake ? ['0 > S 0 scale=1', '0.01 < SA 0 1 scale=1', '0.02 > A 1 1'] : [];
  steps.forEach(({ forth, flags, length, seq, ack, rest }, i) => {
    const [own, peer] = forth ? (['client', 'server'] as const) : (['server', 'client'] as const);
    lines.push(`${0.03 + i * 0.01} ${forth ? '>' : '<'} ${flags} ${next[own] + seq} ${next[peer] + ack} ${length} ${rest}`);
    if (seq === 0) next[own] += length;
  });
  return lines.join('\n');
}

test('conversations at the edge of what is ordinary', () => {
  const numbers = fc.constantFrom(0, 1000, 2 ** 31 - 60, 2 ** 32 - 60);
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.boolean(), numbers, numbers, (steps, handshake, client, server) => {
      const batches = [frames(script(steps, handshake), { client, server })];
      expect(all(new Analysis(), batches)).toEqual(all(new Thorough(), batches));
    }),
    { numRuns: 1500 },
  );
}, 60_000);
