import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Analysis } from '../analysis.ts';
import { type Life, live } from '../testing/engine-life.ts';
import { faithful, rough } from '../testing/random-lives.ts';
import type { Finding } from './finding.ts';

/** Everything that is said, of weight, of the connections of a life. */
function said(life: Life): Finding[] {
  const lived = live(life);
  const analysis = new Analysis();
  for (const batch of lived.batches) analysis.add(batch);
  analysis.advance(Math.floor(lived.end / 1e9), lived.end % 1e9);
  return Array.from({ length: analysis.connectionCount }, (_, id) =>
    analysis.findings(id).filter(({ severity }) => severity !== 'note'),
  ).flat();
}
const words = ({ kind, reason }: Finding) => (reason ? `${kind} ${reason}` : kind);

// Nobody forges segments here, no path is narrow, no end falls silent, and the capture is complete.
const NEVER = [
  'reset forged',
  'reset not-exact',
  'out-of-window',
  'foreign-segments',
  'capture-gaps',
  'path-mtu-black-hole',
  'path-mtu-reduced',
];

describe('random lives on the engine accuse nobody of what did not happen', () => {
  test('where all arrives in order', () => {
    const untrue = [...NEVER, 'peer-silent', 'keepalive-unanswered', 'syn-resent late', 'nagle-delayed-ack', 'unreachable'];
    fc.assert(
      fc.property(faithful, (life) => {
        const kinds = said(life).map(words);
        for (const kind of untrue) expect(kinds).not.toContain(kind);
        // Queues of sixteen take three connections at once.
        if (life.backlog === 16)
          for (const kind of ['accept-queue-full', 'syn-resent', 'syn-ack-resent']) expect(kinds).not.toContain(kind);
        if (life.opening === 'nobody') expect(new Set(kinds)).toEqual(new Set(['refused']));
      }),
      { numRuns: 150 },
    );
  });

  test('where packets are lost, doubled and overtaken', () => {
    fc.assert(
      fc.property(rough, (life) => {
        const findings = said(life);
        for (const kind of NEVER) expect(findings.filter(({ ambiguous }) => !ambiguous).map(words)).not.toContain(kind);
        if (life.backlog === 16)
          expect(findings.filter(({ severity }) => severity === 'problem').map(words)).not.toContain('accept-queue-full');
      }),
      { numRuns: 150 },
    );
  });
});
