import fc from 'fast-check';
import { ms } from '../../wire/units.ts';
import type { Life, Program, Step } from './engine-life.ts';

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('send' as const), octets: fc.constantFrom(1, 100, 1448, 5000, 20_000) }) },
  { weight: 2, arbitrary: fc.constant({ does: 'read' as const }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 120 }) }) },
  { weight: 1, arbitrary: fc.constant({ does: 'shutdown' as const }) },
);
const program: fc.Arbitrary<Program> = fc.record({
  steps: fc.array(step, { maxLength: 6 }),
  ending: fc.constantFrom('read-and-close', 'read-and-close', 'close', 'close', 'abort', 'stay'),
});
const clients = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 60 }), client: program, server: program }), {
  minLength: 1,
  maxLength: 3,
});
const opening = {
  seed: fc.integer(),
  opening: fc.constantFrom('listener' as const, 'listener' as const, 'listener' as const, 'nobody' as const, 'both' as const),
  backlog: fc.constantFrom(0, 1, 16),
  acceptAfterMs: fc.constantFrom(0, 0, 30, 3000),
  stopListeningAfterMs: fc.constantFrom(undefined, undefined, undefined, 5, 40, 200),
  clients,
};
/** Everything arrives, once and in order, and the capture is made at one host or on the cable. */
export const faithful: fc.Arbitrary<Life> = fc.record({
  ...opening,
  cable: fc.record({ delay: fc.integer({ min: 0, max: 40 }).map(ms) }),
  tap: fc.constantFrom('cable' as const, 'client' as const, 'server' as const),
});
/** Anything happens on the way; only on the cable is everything that was sent captured. */
export const rough: fc.Arbitrary<Life> = fc.record({
  ...opening,
  cable: fc.record({
    delay: fc.integer({ min: 0, max: 40 }).map(ms),
    jitter: fc.constantFrom(0, 2, 10).map(ms),
    loss: fc.constantFrom(0, 0.02, 0.1, 0.3),
    duplication: fc.constantFrom(0, 0.1),
    reordering: fc.constantFrom(0, 0.1, 0.3),
  }),
  tap: fc.constant('cable' as const),
});
