import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { CaptureEnding } from './capture-source.ts';
import { openGrowing } from './growing-file.ts';
import { captureFiles } from './testing/captures.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpwb-growing-'));
afterAll(() => rmSync(folder, { recursive: true }));

const saved = (name: string): Buffer => readFileSync(captureFiles().find((path) => path.endsWith(name))!);
const PCAP = saved('zeek-tcp-syn-then-ack-then-rst.pcap');
const PCAPNG = saved('zeek-vlan-pcp-dei.pcapng');
const FRAMES = { pcap: 3, pcapng: 9 } as const;

let files = 0;

/** A capture that is followed, of which so much is there at first. */
async function following(start: Uint8Array) {
  const path = join(folder, `${files++}.cap`);
  writeFileSync(path, start);
  let frames = 0;
  let ending: CaptureEnding | undefined;
  const lines: string[] = [];
  const opened = await openGrowing(
    path,
    {
      onBatch: (batch) => {
        frames += batch.count;
      },
      onEnd: (how) => {
        ending = how;
      },
    },
    (line) => lines.push(line),
  );
  if (!opened.ok) throw new Error(opened.error.message);
  const until = (n: number) => vi.waitFor(() => expect(frames).toBe(n), 5000);
  return { path, lines, until, capture: opened.value, ending: () => ending };
}

describe.each([
  ['pcap', PCAP],
  ['pcapng', PCAPNG],
] as const)('a %s that is being written', (format, octets) => {
  test('frames come as soon as they are whole, whatever pieces they are written in', async () => {
    const { path, until, capture, ending, lines } = await following(octets.subarray(0, 3));
    for (let at = 3; at < octets.length; at += 61) appendFileSync(path, octets.subarray(at, at + 61));
    await until(FRAMES[format]);
    await capture.close();
    expect({ ending: ending(), lines }).toEqual({ ending: { kind: 'closed' }, lines: [] });
  });

  test('a file that is written anew in its place is read from its start, and that is told', async () => {
    const { path, until, capture, lines } = await following(octets);
    await until(FRAMES[format]);
    truncateSync(path, 0);
    await vi.waitFor(() => expect(lines).toEqual([`${path} became shorter: it is read again from its start.`]), 5000);
    appendFileSync(path, octets);
    await until(2 * FRAMES[format]);
    await capture.close();
  });

  test('a file that takes its name is read from its start, once the old one was read to its end', async () => {
    const { path, until, capture, lines } = await following(octets);
    renameSync(path, `${path}.1`);
    writeFileSync(`${path}.new`, octets);
    renameSync(`${path}.new`, path);
    await until(2 * FRAMES[format]);
    expect(lines).toEqual([`${path} is another file now: that is read from its start.`]);
    await capture.close();
  });
});

test('a pipe with a name, until its writer ends', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  let frames = 0;
  let end: (how: CaptureEnding) => void;
  const ended = new Promise<CaptureEnding>((resolve) => {
    end = resolve;
  });
  const onBatch = ({ count }: { readonly count: number }) => {
    frames += count;
  };
  const opening = openGrowing(path, { onBatch, onEnd: (how) => end(how) }, () => {});
  await writeFile(path, PCAP);
  expect((await opening).ok).toBe(true);
  expect(await ended).toEqual({ kind: 'closed' });
  expect(frames).toBe(FRAMES.pcap);
});

describe('what cannot be followed ends with the reason', () => {
  test.each([
    ['no capture', Buffer.from('{"this":"is no capture"}'), 'not-a-capture', 'not a capture file'],
    ['a compressed one', gzipSync(PCAP), 'not-a-capture', 'is compressed'],
    ['a damaged one', Buffer.concat([PCAP, Buffer.alloc(64, 0xff)]), 'damaged', `at octet ${PCAP.length}`],
  ] as const)('%s', async (_name, octets, kind, said) => {
    const { ending } = await following(octets);
    await vi.waitFor(() => expect(ending()).toBeDefined(), 5000);
    expect(ending()).toMatchObject({ kind: 'error', error: { kind } });
    expect(JSON.stringify(ending())).toContain(said);
  });

  test('a folder', async () => {
    const sink = { onBatch: () => {}, onEnd: vi.fn() };
    await openGrowing(folder, sink, () => {});
    await vi.waitFor(() => expect(sink.onEnd).toHaveBeenCalledOnce(), 5000);
    expect(JSON.stringify(sink.onEnd.mock.calls)).toContain('it is a folder');
  });

  test('no such file', async () => {
    const sink = { onBatch: () => {}, onEnd: () => {} };
    expect(await openGrowing(join(folder, 'none.cap'), sink, () => {})).toMatchObject({ ok: false, error: { kind: 'unreadable' } });
  });
});
