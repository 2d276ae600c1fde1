import type { DropReason, TimerKind } from '../../engine/probes.ts';
import { lastAtOrBefore } from '../../engine/recording/versions.ts';
import type { TcpState } from '../../tcp-model/states.ts';
import type { SegmentView } from '../targets/target.ts';
import type { Unit } from './position.ts';

/** What happened, apart from when. */
export type Fact =
  | { readonly kind: 'segment'; readonly segment: SegmentView }
  | { readonly kind: 'drop'; readonly host: string; readonly reason: DropReason }
  | { readonly kind: 'state'; readonly host: string; readonly connection: number; readonly from: TcpState; readonly to: TcpState }
  | { readonly kind: 'timer'; readonly host: string; readonly timer: TimerKind }
  | { readonly kind: 'call'; readonly process: string; readonly text: string }
  | { readonly kind: 'result'; readonly process: string; readonly text: string }
  /** The script did something that is no system call: it slept, waited, logged, checked. */
  | { readonly kind: 'script'; readonly text: string };

export interface Happening {
  /** The step of the recording in which it happened. */
  readonly step: number;
  /** Nanoseconds of the target's clock. */
  readonly time: number;
  /** The line of the script that did it or caused it, where that is known. */
  readonly line: number | undefined;
  readonly fact: Fact;
}

/** A run without end must not fill the memory: what comes after so many is not written down. */
const MOST_HAPPENINGS = 250_000;

const UNIT_OF: { readonly [K in Fact['kind']]?: 'segment' | 'call' } = { segment: 'segment', call: 'call' };

/** Everything that happened in a run, in order. */
export class Journal {
  readonly happenings: Happening[] = [];
  private readonly steps = { segment: [] as number[], call: [] as number[], line: [] as number[] };
  /** The lines of the script in the order in which they came to their turn; `steps.line` says when. */
  private readonly lines: number[] = [];

  /** Nothing more is written down: from here on one step is like another. */
  get isFull(): boolean {
    return this.happenings.length >= MOST_HAPPENINGS || this.lines.length >= MOST_HAPPENINGS;
  }

  add(happening: Happening): void {
    if (this.isFull) return;
    this.happenings.push(happening);
    const unit = UNIT_OF[happening.fact.kind];
    if (unit && this.steps[unit].at(-1) !== happening.step) this.steps[unit].push(happening.step);
  }

  /** The script comes to another line in this step. */
  reach(step: number, line: number): void {
    if (this.lines.at(-1) === line || this.isFull) return;
    this.steps.line.push(step);
    this.lines.push(line);
  }

  /** The line the script had come to after `step`. */
  lineAt(step: number): number | undefined {
    return this.lines[lastAtOrBefore(this.steps.line, step)];
  }

  /** The first step beyond `step` in which one of that unit happened, as far as is known. */
  next(unit: Exclude<Unit, 'event'>, step: number): number | undefined {
    return this.steps[unit][lastAtOrBefore(this.steps[unit], step) + 1];
  }

  previous(unit: Exclude<Unit, 'event'>, step: number): number | undefined {
    return this.steps[unit][lastAtOrBefore(this.steps[unit], step - 1)];
  }

  /** What happened in one step. */
  in(step: number): readonly Happening[] {
    const first = this.firstBeyond(step - 1);
    return this.happenings.slice(first, this.firstBeyond(step));
  }

  /** The place of the first happening after `step`. */
  firstBeyond(step: number): number {
    let low = 0;
    let high = this.happenings.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.happenings[middle]!.step <= step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
