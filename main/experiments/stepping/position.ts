/** By what a person steps: everything that happens, or only what is put on a link, called, or written in another line. */
export const UNITS = ['event', 'segment', 'call', 'line'] as const;
export type Unit = (typeof UNITS)[number];

/** Which moment of a run is looked at. */
export interface Position {
  /** The step that has just been taken; 0 before the first. */
  readonly step: number;
  /** Nanoseconds of the target's clock after it. */
  readonly time: number;
  /** The line the script had come to. */
  readonly line: number | undefined;
  /** How many steps the run has taken so far. */
  readonly steps: number;
  /** 'running': the run goes on and the position with it. 'paused': the run stands still there. 'over': it has come to its end. */
  readonly run: 'running' | 'paused' | 'over';
}
