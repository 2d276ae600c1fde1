import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { TextPrinter } from './text-printer.ts';

const CAPTURES = resolve(import.meta.dirname, '../../../../shared/captures');

/**
 * Where our lines are allowed to differ from tcpdump's, and why. Everything else must be the same to the letter.
 */
const DIFFERENT: Readonly<Record<string, string>> = {
  'tcpdump-timestamp_invalid_micro.pcap': 'microseconds beyond a second do not fit a time in nanoseconds',
};

/** tcpdump's lines about TCP, cut after the length of the segment: what follows is about the application. */
function tcpdumpLines(file: string): string[] {
  const { stdout } = spawnSync('tcpdump', ['-n', '-r', file], { env: { ...process.env, TZ: 'UTC' }, maxBuffer: 1 << 28 });
  return stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => isTcp(line))
    .map((line) => line.replace(/(, length \d+).*$/, '$1'));
}

/** STP and LLC have flags too, but theirs are words. */
const isTcp = (line: string): boolean => /Flags \[([FSRP.UEW]+|none)\]/.test(line);

/** The frames of any capture file tcpdump reads, in one batch; tcpdump itself writes them out as plain pcap. */
function framesOf(file: string): FrameBatch {
  const { stdout } = spawnSync('tcpdump', ['-r', file, '--nano', '-w', '-'], { maxBuffer: 1 << 28 });
  const bytes = new Uint8Array(stdout);
  const view = new DataView(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const frames: { at: number; captured: number; original: number; seconds: number; nanoseconds: number }[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const captured = view.getUint32(at + 8, true);
    frames.push({
      at: at + 16,
      captured,
      original: view.getUint32(at + 12, true),
      seconds: view.getUint32(at, true),
      nanoseconds: view.getUint32(at + 4, true),
    });
    at += 16 + captured;
  }
  const linkType = bytes.length >= 24 ? view.getUint32(20, true) & 0xffff : 0;
  return {
    count: frames.length,
    data: bytes,
    offset: Uint32Array.from(frames, (frame) => frame.at),
    capturedLength: Uint32Array.from(frames, (frame) => frame.captured),
    originalLength: Uint32Array.from(frames, (frame) => frame.original),
    seconds: Float64Array.from(frames, (frame) => frame.seconds),
    nanoseconds: Uint32Array.from(frames, (frame) => frame.nanoseconds),
    linkType: new Uint16Array(frames.length).fill(linkType),
    interfaceId: new Uint16Array(frames.length),
    position: Float64Array.from(frames, (frame) => frame.at),
  };
}

function ourLines(file: string): string[] {
  const lines: string[] = [];
  new TextPrinter().add(framesOf(file), (line) => lines.push(line));
  return lines;
}

describe('beside the real tcpdump', () => {
  test('the captures and tcpdump are here', () => {
    expect(existsSync(CAPTURES), `captures are expected in ${CAPTURES} (../shared/captures from the project's root)`).toBe(true);
    expect(execFileSync('tcpdump', ['--version']).toString()).toContain('tcpdump version 4.99');
  });

  const files = existsSync(CAPTURES) ? readdirSync(CAPTURES).filter((name) => /\.pcap(ng)?$/.test(name)) : [];
  test.each(files)('%s', (name) => {
    const file = join(CAPTURES, name);
    const ours = ourLines(file).filter(isTcp);
    const theirs = tcpdumpLines(file);
    if (name in DIFFERENT) expect(ours).not.toEqual(theirs);
    else expect(ours).toEqual(theirs);
  });
});
