import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { ConnectionRecord } from '../../preload/contract.ts';
import { writePcapng } from '../capture/pcapng-writer.ts';
import { runExperiment } from '../experiments/run.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { analyzeFile } from './saved.ts';

/**
 * The captures of lesson 40 are what its five programs left on their cables; each must show its mistake to whoever opens it.
 * `UPDATE_CAPTURES=1` writes them anew from the script.
 */
const pathOf = (name: string): string => `resources/captures/find-the-bug-${name}.pcapng`;

beforeAll(async () => {
  if (!process.env.UPDATE_CAPTURES) return;
  const batches: FrameBatch[] = [];
  const source = readFileSync('resources/lessons/40-find-the-bug.ts', 'utf8');
  const experiment = { name: '40-find-the-bug', source, target: 'engine', seed: 1 } as const;
  await runExperiment(experiment, { onEvent: () => {}, onFrames: (batch) => batches.push(batch) });
  for (const [cable, name] of [...'abcde'].entries()) {
    const own = batches.filter(({ interfaceId }) => interfaceId[0] === cable);
    writeFileSync(pathOf(name), writePcapng(own.map((batch) => ({ ...batch, interfaceId: new Uint16Array(batch.count) }))));
  }
});

/** The last connection of a capture: its states' last names, and the kinds of its events. */
async function shown(name: string) {
  const capture = await analyzeFile(pathOf(name));
  if (!capture.ok) throw new Error(capture.error.message);
  expect(capture.value.note).toBeUndefined();
  const record: ConnectionRecord = capture.value.record(capture.value.connectionCount - 1);
  return {
    ends: [record.states.client.at(-1)?.state, record.states.server.at(-1)?.state],
    kinds: new Set(record.events.map(({ kind }) => kind)),
    packets: record.packets,
  };
}

test('a: a FIN from the client only', async () => {
  const { ends, kinds } = await shown('a');
  expect(ends).toEqual(['FIN-WAIT-2', 'CLOSE-WAIT']);
  expect([...kinds]).toEqual(['handshake']);
});
test('b: a reset', async () => {
  const { ends, kinds } = await shown('b');
  expect(ends).toEqual(['CLOSED', 'CLOSED']);
  expect(kinds).toContain('reset');
});
test('c: many small segments, none of them twice', async () => {
  const { kinds, packets } = await shown('c');
  expect([...kinds]).toEqual(['handshake']);
  expect(packets.client).toBeGreaterThan(40);
});
test('d: a window that is closed', async () => {
  expect((await shown('d')).kinds).toContain('zero-window');
});
test('e: data sent again into an open handshake', async () => {
  const { kinds } = await shown('e');
  expect(kinds).toContain('retransmission');
  expect(kinds).not.toContain('zero-window');
});
