import type { Recording } from '../recording/recording.ts';
import { lives, type Pair, pair } from './workloads.ts';

/** Short lives side by side, all of it on record: what connections, listeners, TIME-WAIT and counters weigh together. */
export function recordedLives(count: number): Recording {
  const lab = pair();
  const play = lives(100, lab);
  const recording = lab.engine.record({ limit: Number.POSITIVE_INFINITY });
  play(count);
  return recording;
}

/** What a workload takes while it is recorded, on a clock that counts processor time, against the same without. */
export function slowDown(workload: (lab: Pair) => (amount: number) => void, amount: number, clock: () => number): number {
  const took = (records: boolean): number => {
    const lab = pair();
    const play = workload(lab);
    play(amount / 10); // the just-in-time compiler shall know it
    if (records) lab.engine.record();
    const start = clock();
    play(amount);
    return clock() - start;
  };
  const without = took(false);
  return took(true) / without;
}

/** Whole engines, as they were at steps all over the run. */
export function scrub(recording: Recording): (views: number) => void {
  const stride = 7919; // a prime: no two looks near each other
  let step = 0;
  return (views) => {
    for (let i = 0; i < views; i++) {
      step = (step + stride) % recording.length;
      if (recording.snapshot(step).hosts.length === 0) throw new Error('the recording shows nothing');
    }
  };
}
