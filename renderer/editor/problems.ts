import type { ExperimentEvent, ExperimentReport } from '../../preload/contract.ts';

/** What went wrong at a line of the script. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** The failed checks and the error of a run, where they name a line. */
export function problemsOf({
  events,
  report,
}: {
  readonly events: readonly ExperimentEvent[];
  readonly report: ExperimentReport | undefined;
}): readonly Problem[] {
  const problems: Problem[] = [];
  for (const event of events) {
    if (event.kind !== 'check' || event.check.ok || !event.check.at) continue;
    const { description, expected, actual, at } = event.check;
    problems.push({ ...at, message: `${description}\nexpected: ${expected}\nactual: ${actual}` });
  }
  if (report?.error?.at)
    problems.push({ ...report.error.at, message: [report.error.message, report.error.help].filter(Boolean).join('\n') });
  return problems;
}
