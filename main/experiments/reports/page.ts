import type { Check, ExperimentEvent, Prediction } from '../report.ts';
import { ladderSvg } from './ladder-svg.ts';
import { Markup, markup } from './markup.ts';
import { changesOf, type RecordedRun, segmentsOf } from './recorded-run.ts';
import { STYLE } from './style.ts';
import { timelineSvg } from './timeline-svg.ts';

const MOST_LINES = 2000;

/** The run as one HTML page that needs nothing else: no script, no font, no picture from elsewhere. */
export function reportPage(run: RecordedRun): string {
  const { report, events } = run;
  const segments = segmentsOf(run);
  const changes = changesOf(run);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${report.name}: ${report.outcome}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header><h1>${report.name}</h1><p class="outcome ${report.outcome}">${OUTCOME[report.outcome]}</p></header>
${facts(run)}
${report.error ? markup`<section class="error" role="alert"><h2>Error</h2><p>${report.error.message}${lineOf(report.error.at)}</p>${report.error.help ? markup`<p class="hint">${report.error.help}</p>` : undefined}</section>` : undefined}
${report.predictions.length > 0 ? section('Predicted, and what happened', predictions(report.predictions)) : undefined}
${section('Checks', checks(report.checks))}
${changes.length > 0 ? section('States', wide(timelineSvg(changes, report.duration))) : undefined}
${segments.length > 0 ? section('Segments', wide(ladderSvg(segments))) : undefined}
${section('What the script said and called', said(events))}
</body>
</html>
`;
  return page.text;
}

const OUTCOME = { passed: 'Passed', failed: 'Failed', error: 'Error' } as const;

const section = (title: string, content: Markup): Markup => markup`<section><h2>${title}</h2>
${content}</section>`;
const wide = (content: Markup): Markup => markup`<div class="wide">${content}</div>`;
const lineOf = (at: { readonly line: number } | undefined): Markup | undefined => at && markup` <span class="time">line ${at.line}</span>`;

function facts({ report, versions }: RecordedRun): Markup {
  const passed = report.checks.filter(({ ok }) => ok).length;
  const rows: readonly (readonly [string, string])[] = [
    ['Checks', `${passed} of ${report.checks.length} passed`],
    ['Ran on', report.target === 'engine' ? 'the engine, in virtual time' : 'the kernel'],
    ['Seed', String(report.seed)],
    ['Took', `${(report.duration / 1e9).toFixed(6)} s of its clock`],
    ...Object.entries(report.parameters).map(([name, value]) => [`Parameter ${name}`, String(value)] as const),
    ...Object.entries(versions),
  ];
  return markup`<dl>${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

const VERDICT = { true: 'right', false: 'wrong', undefined: 'not answered' } as const;

const predictions = (
  all: readonly Prediction[],
): Markup => markup`<table><thead><tr><th>Question</th><th>Predicted</th><th>It was</th><th></th></tr></thead><tbody>
${all.map(
  ({ question, answer, actual, right }) =>
    markup`<tr><td>${question}</td><td>${answer ?? '–'}</td><td>${actual ?? 'not said'}</td><td class="${right === false ? 'bad' : right ? 'good' : 'hint'}">${VERDICT[`${right}`]}</td></tr>
`,
)}</tbody></table>`;

const checks = (all: readonly Check[]): Markup =>
  markup`<ol class="checks">${all.map(
    ({ ok, description, expected, actual, at }) =>
      markup`<li class="${ok ? 'good' : 'bad'}"><span class="mark">${ok ? '✓' : '✗'}</span> ${description}${lineOf(at)}${
        ok ? undefined : markup`<div class="why">expected <code>${expected}</code>, was <code>${actual}</code></div>`
      }</li>
`,
  )}</ol>`;

function said(events: readonly ExperimentEvent[]): Markup {
  const lines = events.flatMap((event) => {
    if (event.kind === 'log') return [markup`<li class="${event.level}">${moment(event)} ${event.text}</li>\n`];
    if (event.kind === 'call')
      return [markup`<li>${moment(event)} ${event.process}: <code>${event.call}</code> = <code>${event.result}</code></li>\n`];
    return [];
  });
  const left = lines.length - MOST_LINES;
  return markup`<ol class="said">${lines.slice(0, MOST_LINES)}</ol>${left > 0 ? markup`<p class="hint">${left} more lines are left out.</p>` : undefined}`;
}

const moment = ({ time }: ExperimentEvent): Markup => markup`<span class="time">${(time / 1e9).toFixed(6)} s</span>`;
