import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Analysis } from '../../main/analysis/analysis.ts';
import { live } from '../../main/analysis/testing/engine-life.ts';
import { rough } from '../../main/analysis/testing/random-lives.ts';
import { CaptureReader } from '../../main/capture/capture-reader.ts';
import { captureFiles } from '../../main/capture/testing/captures.ts';
import type { Finding } from '../../preload/contract.ts';
import { findingInChinese } from './zh-findings.ts';

function findingsOf(analysis: Analysis): Finding[] {
  const ofConnections = Array.from({ length: Math.min(analysis.connectionCount, 500) }, (_, id) => analysis.findings(id)).flat();
  return [...ofConnections, ...analysis.captureFindings()];
}

/** It is said in Chinese, with every number that it speaks of, and code as in English. */
function expectSaid(finding: Finding): void {
  const { text, confirm } = findingInChinese(finding);
  for (const said of [text, confirm]) {
    expect(said).toMatch(/[\u4e00-\u9fff]/);
    expect(said, `${finding.kind} ${finding.reason ?? ''}`).not.toMatch(/NaN|undefined|Infinity/);
    expect(said.split('`').length % 2).toBe(1);
  }
}

test('every finding of every capture can be said in Chinese', () => {
  const kinds = new Set<string>();
  for (const path of captureFiles()) {
    const analysis = new Analysis({ checksums: true });
    const reader = new CaptureReader({ onBatch: (batch) => analysis.add(batch) });
    reader.push(readFileSync(path));
    reader.finish();
    for (const finding of findingsOf(analysis)) {
      kinds.add(finding.kind);
      expectSaid(finding);
    }
  }
  expect(kinds.size).toBeGreaterThan(20);
}, 60_000);

test('every finding of random lives, too', () => {
  fc.assert(
    fc.property(rough, (life) => {
      const analysis = new Analysis();
      for (const batch of live(life).batches) analysis.add(batch);
      for (const finding of findingsOf(analysis)) expectSaid(finding);
    }),
    { numRuns: 100 },
  );
});
