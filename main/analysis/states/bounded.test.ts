import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyse } from '../testing/conversation.ts';

test('a handshake that is taken back again and again uses no memory for it', () => {
  const rounds = Array.from({ length: 20_000 }, (_, i) => `${i + 1} > A 1 1\n${i + 1}.5 < SA 0 1`).join('\n');
  const one = analyse('0.000 > S 0\n0.001 < SA 0 1\n1 > A 1 1');
  const many = analyse(`0.000 > S 0\n0.001 < SA 0 1\n${rounds}`);
  // The log of some 40,000 events at 16 octets each, which grows by doubling.
  expect(many.memory.connections - one.memory.connections).toBeLessThan(16 * 2 ** 16 + 10_000);
  expect(many.record(0).states.server.map(({ state }) => state)).toEqual(['LISTEN', 'SYN-RECEIVED']);
});

test('whatever is repeated for ever, an end changes a dozen times at most', () => {
  const number = fc.integer({ min: 0, max: 3 });
  const segment = fc
    .tuple(fc.constantFrom('>', '<'), fc.constantFrom('S', 'SA', 'A', 'PA', 'FA', 'R', 'RA', 'F'), number, number, fc.constantFrom(0, 1))
    .map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(segment, { minLength: 2, maxLength: 8 }), (motif) => {
      const analysis = analyse(Array.from({ length: 80 }, (_, i) => `${i} ${motif[i % motif.length]}`).join('\n'));
      for (let id = 0; id < analysis.connectionCount; id++) {
        const { client, server } = analysis.record(id).states;
        expect(Math.max(client.length, server.length)).toBeLessThan(12);
      }
    }),
    { numRuns: 300 },
  );
});
