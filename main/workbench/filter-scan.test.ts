import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CaptureReader } from '../capture/capture-reader.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { Analyst } from './analyst.ts';
import { savedFrames } from './frame-source.ts';

const HTTP = '../shared/captures/zeek-http-bro.org.pcap';

function batchesOf(path: string): readonly FrameBatch[] {
  const batches: FrameBatch[] = [];
  const reader = new CaptureReader({ onBatch: (batch) => batches.push(batch) });
  reader.push(readFileSync(path));
  reader.finish();
  return batches;
}

/** Asks until every segment was looked at. */
async function filtered(analyst: Analyst, text: string) {
  const connections: number[] = [];
  for (;;) {
    const progress = await analyst.filter({ text, known: connections.length });
    if (!progress.ok) return { error: progress.error.message, segments: 0, connections };
    connections.push(...progress.value.connections);
    const { segments, scanned, total, found } = progress.value;
    if (scanned >= total && connections.length === found) return { segments, connections };
  }
}

const FILTERS = [
  'tcp.flags.syn == 1 && tcp.flags.ack == 0',
  'tcp.payload contains "HTTP/1.1 200"',
  'tcp.stream == 3 || tcp.event == reset',
];

test('a session that is recorded and one that comes from a file give the same segments and connections', async () => {
  const recorded = new Analyst(() => undefined);
  const opened = new Analyst(() => undefined);
  opened.readsAgainFrom(savedFrames(readFileSync(HTTP), 'http'));
  for (const batch of batchesOf(HTTP)) {
    await recorded.take(batch);
    opened.take(batch);
  }
  for (const text of FILTERS) {
    const found = await filtered(recorded, text);
    expect(found).toEqual(await filtered(opened, text));
    expect(found.segments).toBeGreaterThan(0);
    const [first] = found.connections;
    const page = recorded.segments({ connection: first!, from: 0, count: 1000, filter: text });
    expect(page.ok && page.value.rows.length).toBe(page.ok && page.value.total);
    expect(page.ok && page.value.total).toBeGreaterThan(0);
  }
  const heard = await recorded.follow({ connection: 0, skip: 0, most: 1 << 20 });
  expect(heard).toEqual(await opened.follow({ connection: 0, skip: 0, most: 1 << 20 }));
  const pieces = heard.ok ? heard.value.pieces : [];
  const text = Buffer.concat(pieces.flatMap((piece) => (piece.kind === 'octets' ? [piece.octets] : []))).toString('latin1');
  expect(text).toMatch(/^GET \/ HTTP\/1.1\r\n/);
  // Page by page it is the same.
  let paged = '';
  for (let more = true; more; ) {
    const page = await opened.follow({ connection: 0, skip: paged.length, most: 10_000 });
    if (!page.ok) throw new Error(page.error.message);
    for (const piece of page.value.pieces) if (piece.kind === 'octets') paged += Buffer.from(piece.octets).toString('latin1');
    more = page.value.more;
  }
  expect(paged).toBe(text);
});

test('a filter goes on where it was when more is captured', async () => {
  const analyst = new Analyst(() => undefined);
  const [whole] = batchesOf(HTTP);
  const half = Math.floor(whole!.count / 2);
  const part = (from: number, to: number): FrameBatch => ({
    ...whole!,
    count: to - from,
    offset: whole!.offset.slice(from, to),
    capturedLength: whole!.capturedLength.slice(from, to),
    originalLength: whole!.originalLength.slice(from, to),
    seconds: whole!.seconds.slice(from, to),
    nanoseconds: whole!.nanoseconds.slice(from, to),
    linkType: whole!.linkType.slice(from, to),
    interfaceId: whole!.interfaceId.slice(from, to),
    position: whole!.position.slice(from, to),
  });
  for (const text of FILTERS) await filtered(analyst, text);
  await analyst.take(part(0, half));
  const before = await Promise.all(FILTERS.map((text) => filtered(analyst, text)));
  await analyst.take(part(half, whole!.count));
  const after = await Promise.all(FILTERS.map((text) => filtered(analyst, text)));
  const fresh = new Analyst(() => undefined);
  await fresh.take(whole!);
  for (const [i, text] of FILTERS.entries()) {
    expect(after[i]!.segments).toBeGreaterThan(before[i]!.segments);
    expect(after[i]).toEqual(await filtered(fresh, text));
  }
});

test('one packet with its octets and fields', async () => {
  const analyst = new Analyst(() => undefined);
  for (const batch of batchesOf(HTTP)) await analyst.take(batch);
  const found = await analyst.packet({ frame: 4 });
  if (!found.ok) throw new Error(found.error.message);
  const { octets, original, fields } = found.value;
  expect(octets.length).toBe(original);
  const named = new Map(fields.map(({ name, value }) => [name, value]));
  expect(named.get('frame.number')).toBe('4');
  expect(Number(named.get('frame.len'))).toBe(original);
  expect(named.get('tcp.side')).toBe('client');
  expect(await analyst.packet({ frame: 752 })).toMatchObject({ ok: false, error: { kind: 'no-such-packet' } });
});

test('what is wrong with a filter is told', async () => {
  expect(await filtered(new Analyst(() => undefined), 'tcp.prt')).toMatchObject({
    error: expect.stringContaining('Did you mean tcp.port?'),
  });
});
