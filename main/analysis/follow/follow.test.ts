import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptureReader } from '../../capture/capture-reader.ts';
import { writePcapng } from '../../capture/pcapng-writer.ts';
import { captureFiles } from '../../capture/testing/captures.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { seq } from '../../wire/seq.ts';
import { Analysis } from '../analysis.ts';
import { DIFFERENT } from '../filter/testing/filters.ts';
import { Follower } from './follow.ts';
import { Half } from './half.ts';
import { hexDump, readable } from './readable.ts';

const run = promisify(execFile);

/**
 * Captures in which tshark's SOCKS dissector counts one stream more, for the connection it relays; in which tshark leaves unsaid what the snapshot length cut off, or shows the text of a RST;
 * and one that has the 4-tuple and the numbers of the capture before it, and goes on behind that one's FIN.
 */
const TOLD_OTHERWISE = [
  'tcpdump-babel_update_oobr.pcap',
  'tcpdump-bgp_mvpn_6_and_7_oobr.pcap',
  'tcpdump-heapoverflow-tcp_print.pcap',
  'tcpdump-tcp_rst_data.pcap',
  'tcpdump-tcp_rst_diag_payload.pcap',
  'zeek-socks-auth.pcap',
  'zeek-socks-with-ssl.pcap',
  'zeek-tcp-syslog.pcap',
  'zeek-tcp-timestamp.pcap',
];

/** What both sides said, in hexadecimal, and gaps as their length in brackets. */
function follow(batches: readonly FrameBatch[], analysis: Analysis, connection: number): string[] {
  const said = { client: '', server: '' };
  const follower = new Follower(analysis.tables, connection, (piece) => {
    said[piece.from] += piece.kind === 'octets' ? Buffer.from(piece.octets).toString('hex') : `[${piece.count}]`;
  });
  for (const batch of batches) follower.add(batch);
  follower.end();
  return [said.client, said.server].sort();
}

const GAP = /5b((?:3[0-9])+)206279746573206d697373696e6720696e20636170747572652066696c655d(?:00)?/g; // "[N bytes missing in capture file]", NUL

/** The same by tshark, whose second node's lines start with a tab. It numbers what it shows by the filter. */
async function theirs(path: string, connections: readonly number[]): Promise<Map<number, string[]>> {
  const taps = connections.flatMap((id) => ['-z', `follow,tcp,raw,${id}`]);
  const { stdout } = await run('tshark', ['-n', '-r', path, '-q', ...taps], { maxBuffer: 1 << 29 });
  const found = new Map<number, string[]>();
  for (const part of stdout.split(/^=+$/m)) {
    const stream = /^Filter: tcp.stream eq (\d+)$/m.exec(part);
    if (!stream) continue;
    const lines = part.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
    const of = (second: boolean) =>
      lines
        .filter((line) => line.startsWith('\t') === second)
        .map((line) => line.trim().replace(GAP, (_, digits: string) => `[${Buffer.from(digits, 'hex')}]`))
        .join('');
    found.set(Number(stream[1]), [of(false), of(true)].sort());
  }
  return found;
}

const EACH = 2;

test('the same octets, in the same order, with the same gaps, as tshark follows', async () => {
  const batches: FrameBatch[] = [];
  for (const file of captureFiles()) {
    if (DIFFERENT.has(basename(file)) || TOLD_OTHERWISE.includes(basename(file))) continue;
    const reader = new CaptureReader({ onBatch: (batch) => batches.push(batch) });
    reader.push(readFileSync(file));
    reader.finish();
  }
  const folder = mkdtempSync(join(tmpdir(), 'tcpwb-follow-'));
  const path = join(folder, 'all.pcapng');
  writeFileSync(path, writePcapng(batches));
  const analysis = new Analysis();
  for (const batch of batches) analysis.add(batch);
  const ids = Array.from({ length: Math.floor(analysis.connectionCount / EACH) }, (_, i) => i * EACH);
  const told = await theirs(path, ids);
  rmSync(folder, { recursive: true });
  const different: unknown[] = [];
  let octets = 0;
  let gaps = 0;
  for (const id of ids) {
    const mine = follow(batches, analysis, id);
    const { client, server } = analysis.record(id);
    if (mine.join() !== told.get(id)?.join()) different.push({ id, client, server });
    octets += mine.join('').length / 2;
    gaps += mine.join('').split('[').length - 1;
  }
  expect(different).toEqual([]);
  expect(octets).toBeGreaterThan(1_000_000);
  expect(gaps).toBeGreaterThan(2);
}, 120_000);

/** What one side comes to: letters for octets, gaps by their length. */
function heard(): { readonly half: Half; readonly said: () => string } {
  let text = '';
  const half = new Half({
    octets: (octets) => {
      text += String.fromCharCode(...octets);
    },
    missing: (count) => {
      text += `<${count}>`;
    },
  });
  return { half, said: () => text };
}

const letters = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

test('what came early waits; what came twice comes once; what is acknowledged and was not captured is missing', () => {
  const { half, said } = heard();
  half.start(seq(100));
  half.take(seq(104), letters('efgh'), 0, 1);
  half.take(seq(100), letters('abcd'), 0, 2);
  expect(said()).toBe('abcdefgh');
  half.take(seq(102), letters('cdefghij'), 0, 3);
  expect(said()).toBe('abcdefghij');
  half.take(seq(114), letters('op'), 0, 4);
  half.acknowledged(seq(110), 5);
  expect(said()).toBe('abcdefghij');
  half.acknowledged(seq(116), 6);
  expect(said()).toBe('abcdefghij<4>op');
  half.take(seq(120), letters('uv'), 3, 7);
  half.end();
  expect(said()).toBe('abcdefghij<4>op<4>uv<3>');
});

test('in whatever order and however often the pieces of a text come, it is heard once', () => {
  const text = 'the quick brown fox jumps over the lazy dog';
  const piece = fc.record({ at: fc.nat(text.length - 1), length: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom(1, 0xffff_fff0, 0x7fff_fffa), (pieces, base) => {
      const { half, said } = heard();
      half.start(seq(base));
      for (const { at, length } of pieces) half.take(seq(base + at), letters(text.slice(at, at + length)), 0, 1);
      half.take(seq(base), letters(text), 0, 1);
      half.end();
      expect(said()).toBe(text);
    }),
  );
});

test('a hostile capture cannot make octets wait without bound', () => {
  const { half, said } = heard();
  half.start(seq(0));
  for (let i = 0; i < 300; i++) half.take(seq(1000 + i * 60_000), new Uint8Array(60_000), 0, 1);
  expect(said()).toContain('<1000>');
});

test('nor segments of one octet each, in whatever order they come', () => {
  const COUNT = 100_000;
  for (const place of [(i: number) => 2 * i, (i: number) => 2 * (COUNT - i)]) {
    let octets = 0;
    const half = new Half({ octets: (piece) => (octets += piece.length), missing: () => undefined });
    half.start(seq(0));
    for (let i = 0; i < COUNT; i++) half.take(seq(1 + place(i)), letters('x'), 0, 1);
    half.end();
    expect(octets).toBeGreaterThan(10_000);
  }
});

test('what comes behind a FIN is no part of the stream; what a FIN was captured before, is', () => {
  const { half, said } = heard();
  half.start(seq(100));
  half.finish(seq(108));
  half.take(seq(104), letters('efghij'), 0, 1);
  half.take(seq(100), letters('abcd'), 0, 2);
  half.take(seq(109), letters('after'), 0, 3);
  half.end();
  expect(said()).toBe('abcdefgh');
});

test('text keeps its lines, and a dump its sixteen octets a line', () => {
  expect(readable(letters('GET /\r\n\tx\x00\xff'))).toBe('GET /\n\tx..');
  expect(hexDump(letters('GET / HTTP/1.1\r\nHost'), 16)).toEqual([
    '00000010  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..',
    '00000020  48 6f 73 74                                       Host',
  ]);
});
