import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { createPcapngFile } from './pcapng-writer.ts';
import { openFile, readCapture } from './read-capture.ts';
import { pcapHeader } from './testing/capture-octets.ts';
import { captureFiles } from './testing/captures.ts';
import { digest, type Frame, framesOf, read } from './testing/frames.ts';

let folder = '';
/** A megabyte of real traffic. */
let large = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpwb-read-'));
  large = captureFiles().find((path) => path.endsWith('zeek-ssh-ssh.pcap'))!;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const saved = (name: string, octets: Uint8Array): string => {
  writeFileSync(join(folder, name), octets);
  return join(folder, name);
};

async function opening(path: string) {
  const batches: FrameBatch[] = [];
  const end = await openFile(path, { onBatch: (batch) => void batches.push(batch) });
  return { end, frames: framesOf(batches) };
}

test('a file, and the same file compressed, give the same frames', async () => {
  const expected = read([readFileSync(large)]);
  const plain = await opening(large);
  const zipped = await opening(saved('large.pcap.gz', gzipSync(readFileSync(large))));
  expect(digest(plain.frames)).toBe(digest(expected.frames));
  expect(digest(zipped.frames)).toBe(digest(expected.frames));
  expect(zipped.frames.map(({ position }) => position)).toEqual(expected.frames.map(({ position }) => position));
  expect(plain.end).toEqual(expected.end);
  expect(zipped.end).toEqual(expected.end);
});

/** A capture of frames of all lengths, several times as long as what is read of a file at once. */
function longCapture(): Buffer {
  const parts = [pcapHeader(true, 0xa1b2c3d4).done()];
  for (let i = 0; i < 3500; i++) {
    const record = Buffer.alloc(16 + ((i * 37) % 2000), i);
    record.writeUInt32LE(i, 0);
    record.writeUInt32LE(0, 4);
    record.writeUInt32LE(record.length - 16, 8);
    record.writeUInt32LE(record.length - 16, 12);
    parts.push(record);
  }
  return Buffer.concat(parts);
}

test('a long file comes in batches that nothing is written into afterwards', async () => {
  const octets = longCapture();
  const expected = read([octets]);
  const path = saved('long.pcap', octets);
  const batches: FrameBatch[] = [];
  const end = await openFile(path, { onBatch: (batch) => void batches.push(batch) });
  expect(end).toEqual(expected.end);
  expect(digest(framesOf(batches))).toBe(digest(expected.frames));
  expect(framesOf(batches).map(({ position }) => position)).toEqual(expected.frames.map(({ position }) => position));
  expect(batches.length).toBeGreaterThan(3);
  for (const { data } of batches) expect(data.length).toBeLessThan((1 << 20) + 262_144);
});

test('who keeps no batch is given every frame in memory that is used again', async () => {
  const octets = longCapture();
  const seen: Frame[] = [];
  const memories = new Set<ArrayBufferLike>();
  const path = saved('fleeting.pcap', octets);
  const end = await openFile(path, {
    fleeting: true,
    onBatch: async (batch) => {
      memories.add(batch.data.buffer);
      await Promise.resolve();
      seen.push(...framesOf([{ ...batch, data: batch.data.slice() }]));
    },
  });
  const expected = read([octets]);
  expect(end).toEqual(expected.end);
  expect(digest(seen)).toBe(digest(expected.frames));
  expect(seen.map(({ position }) => position)).toEqual(expected.frames.map(({ position }) => position));
  // One for the pieces, and one for each record that two of them share.
  expect(memories.size).toBeLessThanOrEqual(1 + Math.floor(octets.length / (1 << 20)));
});

test('a pipe with a name is read as it is filled, whatever comes at once', async () => {
  const octets = longCapture();
  const pipe = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const writer = spawn('dd', [`if=${saved('piped.pcap', octets)}`, `of=${pipe}`, 'bs=3001', 'status=none']);
  const { frames, end } = await opening(pipe);
  expect(digest(frames)).toBe(digest(read([octets]).frames));
  expect(end.ok).toBe(true);
  writer.kill();
});

test('two compressed captures in a row are one stream, as gzip has it', async () => {
  const octets = readFileSync(large);
  const { frames } = await opening(
    saved('two.gz', Buffer.concat([gzipSync(octets.subarray(0, 70_000)), gzipSync(octets.subarray(70_000))])),
  );
  expect(frames).toHaveLength(read([octets]).frames.length);
});

test('a compressed capture that breaks off, or is damaged: what stands before is delivered, and a note says so', async () => {
  const zipped = gzipSync(readFileSync(large));
  const all = read([readFileSync(large)]).frames.length;
  const cut = await opening(saved('cut.gz', zipped.subarray(0, zipped.length / 2)));
  expect(cut.end).toMatchObject({ ok: true, value: { note: { kind: 'truncated', message: expect.stringContaining('gzip') } } });
  expect(cut.frames.length).toBeGreaterThan(all / 4);
  expect(cut.frames.length).toBeLessThan(all);

  const middle = zipped.length >> 1;
  const damaged = Buffer.from(zipped).fill(0xff, middle, middle + 2000); // ssh does not compress: this lands in the frames themselves
  const broken = await opening(saved('damaged.gz', damaged));
  expect(broken.end).toMatchObject({ ok: true, value: { note: { kind: 'damaged' } } });
  expect(broken.frames.length).toBeGreaterThan(all / 4);

  const sums = Buffer.from(zipped).fill(0, zipped.length - 8); // all frames are there, but the check sum says otherwise
  const unsure = await opening(saved('sums.gz', sums));
  expect(unsure.end).toMatchObject({ ok: true, value: { note: { kind: 'damaged', message: expect.stringContaining('gzip') } } });
  expect(unsure.frames.length).toBe(all);

  const small = Buffer.concat([gzipSync(readFileSync(large).subarray(0, 5000)), Buffer.from('-- signed by nobody')]);
  const followed = await opening(saved('followed.gz', small));
  expect(followed.end).toMatchObject({ ok: true, value: { note: { kind: 'damaged', message: expect.stringContaining('gzip') } } });
  expect(followed.frames.length).toBe(read([readFileSync(large).subarray(0, 5000)]).frames.length);
});

test('a gzip bomb is read at the pace of its consumer', async () => {
  const header = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  const record = Buffer.alloc(16 + 60_000);
  record.writeUInt32LE(60_000, 8);
  record.writeUInt32LE(60_000, 12);
  const bomb = gzipSync(Buffer.concat([header, ...Array<Buffer>(5000).fill(record)])); // 300 MB
  let most = 0;
  let frames = 0;
  const end = await readCapture([bomb], {
    onBatch: async (batch) => {
      frames += batch.count;
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    },
  });
  expect(end.ok).toBe(true);
  expect(frames).toBe(5000);
  expect(bomb.length).toBeLessThan(1 << 20);
  expect(most).toBeLessThan(260 << 20);
});

test('the next octets are read only when the consumer has taken the last batch', async () => {
  let taking = false;
  const end = await openFile(large, {
    onBatch: async () => {
      expect(taking).toBe(false);
      taking = true;
      await new Promise(setImmediate);
      taking = false;
    },
  });
  expect(end.ok).toBe(true);
});

test('progress is told, and an abort ends the reading', async () => {
  const told: number[] = [];
  await openFile(large, { onBatch: () => {}, onProgress: (octets) => told.push(octets) });
  expect(told.at(-1)).toBe(readFileSync(large).length);
  const abort = new AbortController();
  const end = await openFile(large, { onBatch: () => {}, onProgress: () => abort.abort(), signal: abort.signal });
  expect(end).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
});

test.each([
  ['/nowhere/at-all.pcap', 'there is no such file'],
  ['/', 'it is a folder'],
])('%s cannot be read: %s', async (path, why) => {
  const { end } = await opening(path);
  expect(end).toMatchObject({ ok: false, error: { kind: 'unreadable', message: expect.stringContaining(why) } });
});

test('what is no capture is refused by name', async () => {
  const path = saved('notes.txt', Buffer.from('not a capture'));
  expect((await opening(path)).end).toMatchObject({ ok: false, error: { kind: 'not-a-capture', message: expect.stringContaining(path) } });
  expect((await opening(saved('empty', new Uint8Array(0)))).end).toMatchObject({ ok: false, error: { kind: 'not-a-capture' } });
  expect((await opening(saved('one', Uint8Array.of(0x1f)))).end).toMatchObject({ ok: false, error: { kind: 'not-a-capture' } });
  expect((await opening(saved('text.gz', gzipSync('not a capture')))).end).toMatchObject({ ok: false, error: { kind: 'not-a-capture' } });
});

test('- is standard input', async () => {
  const entry = saved(
    'entry.ts',
    Buffer.from(`import { openFile } from ${JSON.stringify(join(process.cwd(), 'main/capture/read-capture.ts'))};
      const end = await openFile('-', { onBatch() {} });
      console.log(end.ok ? end.value.frames : end.error.message);`),
  );
  const bundle = await rolldown({ input: entry, platform: 'node' });
  await bundle.write({ file: join(folder, 'entry.mjs'), format: 'esm' });
  await bundle.close();
  const run = (input: Uint8Array) => spawnSync(process.execPath, [join(folder, 'entry.mjs')], { input, encoding: 'utf8' });
  expect(run(readFileSync(large)).stdout.trim()).toBe(String(read([readFileSync(large)]).frames.length));
  expect(run(Buffer.from('nonsense')).stdout).toContain('standard input: This is not a capture file');
});

test('a file written batch by batch reads back the same; writing where nobody may says why', async () => {
  const { batches, frames } = read([readFileSync(large)]);
  const path = join(folder, 'written.pcapng');
  const file = await createPcapngFile(path, [{ linkType: 1, name: 'lo', filter: 'tcp' }]);
  if (!file.ok) throw new Error(file.error.message);
  await Promise.all(batches.map((batch) => file.value.write(batch)));
  expect(await file.value.close()).toEqual({ ok: true, value: undefined });
  expect(await file.value.close()).toEqual({ ok: true, value: undefined });
  expect(await file.value.write(batches[0]!)).toMatchObject({ ok: false });
  const back = await opening(path);
  expect(digest(back.frames)).toBe(digest(frames));
  expect(back.end).toMatchObject({ ok: true, value: { interfaces: [{ id: 0, name: 'lo', filter: 'tcp', linkType: 1 }] } });
  expect(await createPcapngFile('/nowhere/at/all.pcapng')).toMatchObject({ ok: false, error: { kind: 'unreadable' } });
});
