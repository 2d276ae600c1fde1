import { bench, describe } from 'vitest';
import { bulk, echo, lives } from './testing/workloads.ts';

/**
 * How fast the engine is: two hosts on a cable of MTU 1500 in virtual time, nobody listening to the probes, no octets
 * made of the segments and so no checksums. `hz` counts the repetitions a second of what the name says.
 *
 *     npx vitest bench --run main/engine
 */
describe('engine', () => {
  const ROUNDS = 10_000;
  const pingPong = echo(64);
  bench(`echo: ${ROUNDS} round trips of 64 octets`, () => pingPong(ROUNDS), { iterations: 5, warmupIterations: 2 });

  const OCTETS = 64 * 1024 * 1024;
  const transfer = bulk(65_536);
  bench('bulk: 64 MiB in writes of 64 KiB', () => transfer(OCTETS), { iterations: 5, warmupIterations: 2 });

  const LIVES = 5000;
  const live = lives(100);
  bench(`connect: ${LIVES} times connect, echo 64 octets, close`, () => live(LIVES), { iterations: 5, warmupIterations: 1 });
});
