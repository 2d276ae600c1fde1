import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BatchBuilder } from '../capture/batch-builder.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { Recording } from './recording.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpwb-recording-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Frames of a thousand octets. */
function frames(count: number): FrameBatch {
  const batches: FrameBatch[] = [];
  const builder = new BatchBuilder((batch) => batches.push(batch));
  builder.lend(new Uint8Array(1000 * count), 0);
  for (let i = 0; i < count; i++) builder.add(1000 * i, 1000, 1000, i, 0, 1, 0, 0);
  builder.flush();
  return batches[0]!;
}

/** How many frames can be had again, and what is said of the rest. */
async function kept(recording: Recording) {
  let count = 0;
  const read = await recording.scan((batch) => {
    count += batch.count;
  }, new AbortController().signal);
  return { count, fault: read.ok ? undefined : read.error };
}

test('frames can be had again, and the file outlives the recording', async () => {
  const path = join(folder, 'one.pcapng');
  const recording = new Recording(path);
  expect(await kept(recording)).toEqual({ count: 0, fault: undefined });
  await recording.add(frames(3));
  await recording.add(frames(4));
  expect(await kept(recording)).toEqual({ count: 7, fault: undefined });
  expect(recording.trouble).toBeUndefined();
  const saved = await recording.octets(0, 1 << 20);
  expect(saved.ok && Buffer.from(saved.value.octets)).toEqual(readFileSync(path));
});

test('on a full disk what was kept before stays, the rest is told of, and nobody waits', async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  try {
    const recording = new Recording(join(folder, 'one.pcapng'));
    await recording.add(frames(10));
    await recording.add(frames(100));
    expect(recording.trouble).toMatchObject({ kind: 'not-recorded', message: expect.stringContaining('ENOSPC') });
    await recording.add(frames(1));
    expect(await kept(recording)).toEqual({ count: 10, fault: recording.trouble });
    const saved = await recording.octets(0, 1 << 20);
    expect(saved.ok && saved.value.octets.length).toBeGreaterThan(10_000);
  } finally {
    // Its descriptor ends with its thread, which is this one: the folder is let go of at once all the same.
    execFileSync('umount', ['-l', folder]);
  }
});

test('where its folder takes no file it is kept until the Workbench ends, and that is told', async () => {
  writeFileSync(join(folder, 'file'), '');
  const recording = new Recording(join(folder, 'file', 'one.pcapng'));
  await recording.add(frames(5));
  expect(await kept(recording)).toEqual({ count: 5, fault: undefined });
  expect(recording.trouble).toMatchObject({ kind: 'not-recorded', message: expect.stringContaining('lost in a crash') });
});
