import type { TcpState } from '../../tcp-model/states.ts';
import type { ExperimentEvent, ExperimentReport } from '../report.ts';
import type { Happening } from '../stepping/journal.ts';
import type { SegmentView } from '../targets/target.ts';

/** A run with all that is worth telling of it afterwards. */
export interface RecordedRun {
  readonly report: ExperimentReport;
  readonly events: readonly ExperimentEvent[];
  /** Empty for a run on the kernel. */
  readonly happenings: readonly Happening[];
  /** What ran it: program and version. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A segment with the script's line behind it. Time in nanoseconds. */
export interface ReportedSegment extends SegmentView {
  readonly line: number | undefined;
}

/** One change of one end's state. Time in nanoseconds. */
export interface ReportedChange {
  readonly time: number;
  readonly host: string;
  /** The engine's number of the connection or listener. */
  readonly connection: number;
  readonly from: TcpState;
  readonly to: TcpState;
}

export const segmentsOf = ({ happenings }: RecordedRun): readonly ReportedSegment[] =>
  happenings.flatMap(({ fact, line }) => (fact.kind === 'segment' ? [{ ...fact.segment, line }] : []));

export const changesOf = ({ happenings }: RecordedRun): readonly ReportedChange[] =>
  happenings.flatMap(({ fact, time }) => {
    if (fact.kind !== 'state') return [];
    const { host, connection, from, to } = fact;
    return [{ time, host, connection, from, to }];
  });

/** The run as data, for programs: the report, and what happened in its order. */
export const runAsJson = (run: RecordedRun): object => ({
  ...run.report,
  versions: run.versions,
  events: run.events,
  segments: segmentsOf(run),
  states: changesOf(run),
});
