import type { Experiment } from '../../experiments/run.ts';

/** What a grading process is told to do. */
export interface Task {
  readonly experiment: Experiment;
  /** Mebioctets the process may have. */
  readonly memory: number;
}

/** The exit status of a grading process that needed more than that. */
export const TOO_LARGE = 97;
