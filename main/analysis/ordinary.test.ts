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
