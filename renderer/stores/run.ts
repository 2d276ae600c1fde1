import { createStore } from 'zustand/vanilla';
import type { RunDifference, RunMoment, RunPosition, SessionId, StepUnit } from '../../preload/contract.ts';

/** The run of the editor's script: where it is, and which of its moments is looked at. */
export interface RunState {
  readonly session: SessionId | undefined;
  readonly position: RunPosition | undefined;
  /** The moment that is looked at; undefined means now, or the end. */
  readonly moment: RunMoment | undefined;
  readonly unit: StepUnit;
  /** Lines of the script at which a run stops, ascending. */
  readonly breakpoints: readonly number[];
  /** The line behind the segment that was picked; `nonce` makes the same line count again. */
  readonly cause: { readonly line: number; readonly nonce: number } | undefined;
  /** The run before this one, to compare with, and what came of it: null when the same happened. */
  readonly before: SessionId | undefined;
  readonly difference: RunDifference | null | undefined;
  /** What ran: another script, seed or target needs a run of its own. */
  readonly ran: string | undefined;
}

export const runStore = createStore<RunState>(() => ({
  session: undefined,
  position: undefined,
  moment: undefined,
  unit: 'event',
  breakpoints: [],
  cause: undefined,
  before: undefined,
  difference: undefined,
  ran: undefined,
}));

/** Another run begins; the breakpoints are the script's and stay. */
export const forgetRun = (ran: string | undefined): void =>
  runStore.setState(({ session, before }) => ({
    session: undefined,
    position: undefined,
    moment: undefined,
    cause: undefined,
    before: session ?? before,
    difference: undefined,
    ran,
  }));

export const setBreakpoints = (lines: readonly number[]): void => {
  const breakpoints = [...new Set(lines)].sort((a, b) => a - b);
  if (breakpoints.join() !== runStore.getState().breakpoints.join()) runStore.setState({ breakpoints });
};

export function toggleBreakpoint(line: number): void {
  const { breakpoints } = runStore.getState();
  setBreakpoints(breakpoints.includes(line) ? breakpoints.filter((other) => other !== line) : [...breakpoints, line]);
}

export const showCause = (line: number): void => runStore.setState(({ cause }) => ({ cause: { line, nonce: (cause?.nonce ?? 0) + 1 } }));

/** The step after which the run's segments are still to come, where a moment of this session is looked at. */
export const stepShown = ({ session, moment }: RunState, selected: SessionId | undefined): number | undefined =>
  session !== undefined && session === selected ? moment?.position.step : undefined;
