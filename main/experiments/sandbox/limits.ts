/** What a script may use up before it is ended. */
export interface SandboxLimits {
  /** Octets of memory. */
  readonly memory: number;
  /** Octets of stack. WebAssembly's own stack holds 1 MiB, and native helpers of the interpreter need their part. */
  readonly stack: number;
  /**
   * Interrupt polls between two awaits. The interpreter polls after a fixed number of branches and calls, so a script that
   * never comes back ends at the same place on every machine. About 13,000 polls pass in a second.
   */
  readonly pollsPerTurn: number;
  /** Milliseconds between two awaits, for built-ins that work long without polling. */
  readonly millisecondsPerTurn: number;
  /** Milliseconds for the whole run, awaits included. */
  readonly millisecondsPerRun: number;
  /** Promise reactions between two awaits on the laboratory. */
  readonly jobsPerTurn: number;
  /** Characters a script may log, note and write into checks. */
  readonly output: number;
  /** Events (logs, checks, system calls) a script may cause. */
  readonly events: number;
  /** Characters of a script's source. */
  readonly source: number;
}

export const DEFAULT_LIMITS: SandboxLimits = {
  memory: 64 * 1024 * 1024,
  stack: 256 * 1024,
  pollsPerTurn: 25_000,
  millisecondsPerTurn: 10_000,
  millisecondsPerRun: 60_000,
  jobsPerTurn: 500_000,
  output: 1024 * 1024,
  events: 100_000,
  source: 1024 * 1024,
};
