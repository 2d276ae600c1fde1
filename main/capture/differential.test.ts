import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkTypeName } from '../wire/link-type.ts';
import { writePcapng } from './pcapng-writer.ts';
import { captureFiles } from './testing/captures.ts';
import { type Frame, read } from './testing/frames.ts';

/** Wireshark's tools read every capture; so do we; nobody may see anything else. */

let folder = '';
const captures: { path: string; frames: Frame[]; linkTypes: Set<number> }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpwb-differential-'));
  for (const path of captureFiles()) {
    const { frames, end } = read([readFileSync(path)]);
    if (!end.ok) throw new Error(`${path}: ${end.error.message}`);
    captures.push({ path, frames, linkTypes: new Set(end.value.interfaces.map((each) => each.linkType)) });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * One frame of timestamp_invalid_micro.pcap claims 2147483648 microseconds within its second. We carry the 2147 seconds;
 * Wireshark carries too, but in 32 bits, where nothing is left of them. (In the frame before, 1000000 are carried by both.)
 */
const OVERFLOWN = { ours: '1418147517.483648000', theirs: '1418145370.000000000' };

/** One line per frame: time with nanosecond digits, octets on the wire, octets captured. */
const tshark = (path: string): string[] =>
  execFileSync('tshark', ['-n', '-r', path, '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len', '-e', 'frame.cap_len'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .trimEnd()
    .split('\n');

const asTshark = ({ seconds, nanoseconds, originalLength, octets }: Frame): string =>
  `${seconds}.${String(nanoseconds).padStart(9, '0')}\t${originalLength}\t${octets.length}`;

/** All captures one after the other in one file that Wireshark wrote, so that one tshark reads them all. */
function merged(): string {
  const path = join(folder, 'merged.pcapng');
  execFileSync('mergecap', ['-a', '-F', 'pcapng', '-w', path, ...captures.map((each) => each.path)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return path;
}

test('the same frames, with the same times to the nanosecond, the same lengths, octets and link types', () => {
  const all = captures.flatMap((each) => each.frames);
  expect(all.length).toBeGreaterThan(10_000);
  const path = merged();
  expect(all.map(asTshark).filter((line) => !line.startsWith(OVERFLOWN.ours))).toEqual(
    tshark(path).filter((line) => !line.startsWith(OVERFLOWN.theirs)),
  );
  const again = read([readFileSync(path)]).frames;
  expect(again).toHaveLength(all.length);
  for (const [i, frame] of all.entries()) {
    if (again[i]!.linkType !== frame.linkType || Buffer.compare(again[i]!.octets, frame.octets) !== 0)
      expect(again[i], `frame ${i} of all`).toEqual(frame);
  }
});

test('the same number of frames in each file as capinfos counts', () => {
  const table = execFileSync('capinfos', ['-TmQrc', ...captures.map((each) => each.path)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const counted = new Map(
    table
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')))
      .map(([path, count]) => [path!, Number(count)]),
  );
  expect(Object.fromEntries(captures.map(({ path, frames }) => [path, frames.length]))).toEqual(Object.fromEntries(counted));
});

test('what we write, tshark and we read as what it was, link types and interfaces kept apart', () => {
  const path = join(folder, 'written.pcapng');
  const all = captures.flatMap(({ frames }, file) => frames.map((frame) => ({ ...frame, interfaceId: file })));
  const octets = writePcapng(captures.flatMap(({ path: each }, file) => renumbered(each, file)));
  writeFileSync(path, octets);
  expect(tshark(path)).toEqual(all.map(asTshark));
  const again = read([octets]).frames;
  expect(again.map(({ linkType }) => linkTypeName(linkType))).toEqual(all.map(({ linkType }) => linkTypeName(linkType)));
  expect(again.every((frame, i) => Buffer.compare(frame.octets, all[i]!.octets) === 0)).toBe(true);
});

const renumbered = (path: string, interfaceId: number) =>
  read([readFileSync(path)]).batches.map((batch) => ({ ...batch, interfaceId: batch.interfaceId.slice().fill(interfaceId) }));

test('however a capture is mutilated, reading it ends, throws nothing and invents no frame longer than it', () => {
  const small = captures.map(({ path }) => readFileSync(path)).filter((octets) => octets.length < 20_000);
  const damage = fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 1, max: 8 }));
  fc.assert(
    fc.property(fc.nat(), fc.array(damage, { minLength: 1, maxLength: 12 }), fc.nat(), (which, hits, cut) => {
      const octets = Buffer.from(small[which % small.length]!);
      for (const [at, value, run] of hits) octets.fill(value, at % octets.length, Math.min(octets.length, (at % octets.length) + run));
      const edge = cut % octets.length;
      const { frames, end } = read([octets.subarray(0, edge), octets.subarray(edge)]);
      const held = frames.reduce((sum, frame) => sum + frame.octets.length, 0);
      expect(held).toBeLessThanOrEqual(octets.length);
      for (const { nanoseconds, seconds } of frames) {
        expect(nanoseconds).toBeLessThan(1e9);
        expect(Number.isFinite(seconds)).toBe(true);
      }
      if (end.ok) expect(end.value.frames).toBe(frames.length);
      else expect(frames).toEqual([]);
    }),
    { numRuns: 600 },
  );
});
