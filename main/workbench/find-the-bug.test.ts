import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { writePcapng } from '../capture/pcapng-writer.ts';
import { runExperiment } from '../experiments/run.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';

/** The captures of lesson 40 are what its five programs leave on their cables. `UPDATE_CAPTURES=1` writes them anew. */

const batches: FrameBatch[] = [];
const source = readFileSync('resources/lessons/40-find-the-bug.ts', 'utf8');
await runExperiment(
  { name: '40-find-the-bug', source, target: 'engine', seed: 1 },
  { onEvent: () => {}, onFrames: (batch) => batches.push(batch) },
);

/** One cable's frames as a capture of their own. */
function captureOf(cable: number): Uint8Array {
  const own = batches.filter(({ interfaceId }) => interfaceId[0] === cable);
  return writePcapng(own.map((batch) => ({ ...batch, interfaceId: new Uint16Array(batch.count) })));
}

test.each(['a', 'b', 'c', 'd', 'e'].map((name, cable) => [name, cable] as const))('find-the-bug-%s.pcapng', (name, cable) => {
  const path = `resources/captures/find-the-bug-${name}.pcapng`;
  const made = captureOf(cable);
  if (process.env['UPDATE_CAPTURES']) writeFileSync(path, made);
  expect(readFileSync(path).equals(made), 'the engine behaves differently now: UPDATE_CAPTURES=1 writes the captures anew').toBe(true);
});
