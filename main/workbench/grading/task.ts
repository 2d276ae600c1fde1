import type { Experiment } from '../../experiments/run.ts';

/** What a grading process is told to do. */
export interface Task {
  readonly experiment: Experiment;
  readonly limits: Limits;
}

export interface Limits {
  /** Seconds of processor time: a busy machine is no student's fault. */
  readonly seconds: number;
  /** Mebioctets of the whole process. The sandbox inside has a smaller limit of its own. */
  readonly memory: number;
}

/** How a grading process ends that needs more than that. */
export const ExitStatus = { TOO_SLOW: 96, TOO_LARGE: 97 } as const;
