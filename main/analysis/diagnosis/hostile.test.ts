import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptureReader } from '../../capture/capture-reader.ts';
import { captureFiles } from '../../capture/testing/captures.ts';
import { alignCaptures } from '../align/alignment.ts';
import { Moments } from '../align/moments.ts';
import { Analysis } from '../analysis.ts';
import { listenersOf } from '../listeners/listeners.ts';
import { analyse } from '../testing/conversation.ts';

/** Everything that is asked of a capture here. */
function askAll(analysis: Analysis): void {
  for (let id = 0; id < analysis.connectionCount; id++)
    for (const { text, packets, values } of analysis.findings(id)) {
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
      expect(packets.length).toBeLessThan(64);
      for (const value of Object.values(values ?? {})) expect(Number.isFinite(value)).toBe(true);
    }
  for (const { text } of analysis.captureFindings()) expect(text).not.toMatch(/NaN|undefined|Infinity/);
  for (const { spans, synQueue, acceptQueue } of listenersOf(analysis.tables, 100).listeners) {
    expect(spans.length).toBeLessThanOrEqual(32);
    for (const { now, most, mostAt, history } of [synQueue, acceptQueue]) {
      expect(history.length).toBeLessThanOrEqual(402);
      for (const value of [now, most, mostAt, ...history.flatMap((point) => [point.at, point.length])])
        expect(Number.isFinite(value)).toBe(true);
      expect([now <= most, history.every(({ length }) => length >= 0 && length <= most)]).toEqual([true, true]);
    }
  }
}

const number = fc.oneof(fc.integer({ min: -3, max: 20 }), fc.constantFrom(1460, 70_000, -70_000, 2 ** 31, 2 ** 31 - 1, -(2 ** 30)));
const segment = fc
  .tuple(
    fc.constantFrom('>', '<'),
    fc.constantFrom('S', 'SA', 'A', 'PA', 'FA', 'R', 'RA', 'F', '-', 'SF', 'UA'),
    number,
    number,
    fc.constantFrom(0, 0, 1, 100, 1460),
    fc.constantFrom('win=0', 'win=1', 'win=65535', 'win=512'),
    fc.constantFrom('', '', 'scale=7', 'scale=255'),
  )
  .map((words) => words.join(' '));
const script = fc.array(fc.tuple(fc.constantFrom(0, 0.0001, 0.04, 0.3, 1, 61, -0.01), segment), { maxLength: 60 }).map((steps) => {
  let at = 1;
  return steps.map(([later, words]) => {
    at = Math.max(0, at + later);
    return `${at.toFixed(4)} ${words}`;
  });
});

test('segments that make no sense together are judged without a fault', () => {
  fc.assert(
    fc.property(script, (lines) => askAll(analyse(lines.join('\n')))),
    { numRuns: 600 },
  );
});

test('two captures that do not belong together are aligned or refused, and take no time', () => {
  fc.assert(
    fc.property(script, script, (a, b) => {
      const aligned = alignCaptures(analyse(a.join('\n')).captured, analyse([...a, ...b].join('\n')).captured);
      for (const match of aligned?.matches ?? []) {
        const fates = aligned!.fates(match);
        for (const { sent, arrived, fate } of fates) expect(sent ?? arrived, fate).toBeDefined();
        const moments = new Moments(fates);
        expect(moments.count).toBe(fates.reduce((sum, { sent, arrived }) => sum + (sent ? 1 : 0) + (arrived ? 1 : 0), 0));
        for (let row = 0; row < moments.count; row++) expect(moments.row(row).frame).toBeGreaterThan(0);
      }
    }),
    { numRuns: 120 },
  );
});

test('captures with octets changed anywhere', () => {
  const files = captureFiles().filter((path) => readFileSync(path).length < 40_000);
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 }), (path, changes) => {
      const octets = Uint8Array.from(readFileSync(path));
      for (const [at, value] of changes) octets[24 + (at % (octets.length - 24))] = value;
      const analysis = new Analysis();
      const reader = new CaptureReader({ onBatch: (batch) => analysis.add(batch) });
      reader.push(octets);
      reader.finish();
      askAll(analysis);
    }),
    { numRuns: 120 },
  );
});
