import type { ExperimentEvent, ExperimentReport } from '../../../preload/contract.ts';
import { compareSeeds, runScript, scriptsAmong } from '../../workbench/terminal.ts';
import { assignment, type Command, number, parse, UsageError, unusable } from './command.ts';
import type { Output } from './output.ts';

export const run: Command = {
  synopsis: 'SCRIPT.ts|DIR... [--target engine|kernel] [--seed N] [--param NAME=VALUE]... [--answers FILE] [--report FILE] [-w FILE]',
  does: 'an experiment; its checks decide the exit status. Of several scripts only what failed is told',
  options: [
    '--target T    engine (virtual time, the default), or kernel: real sockets on loopback, captured live',
    '--seed N      the seed of everything random, default 1',
    '--param N=V   sets the named value that the script asks for with param(); may be given several times',
    '--answers F   answers to the questions the script asks with predict(): JSON, by question or by its number from 1',
    '--report F    what was predicted and what happened: a page for F.html, data for F.json',
    '--compare N   runs it with that seed too, and says where the two runs first differ; exit status 1 when they do',
    '-w FILE       the segments as pcapng',
  ],
  async run(args, output) {
    const { values, positionals } = parse(
      args,
      {
        target: { type: 'string', default: 'engine' },
        seed: { type: 'string' },
        param: { type: 'string', multiple: true, default: [] },
        answers: { type: 'string' },
        report: { type: 'string' },
        compare: { type: 'string' },
        write: { type: 'string', short: 'w' },
      },
      ['SCRIPT.ts'],
      { more: true },
    );
    const { target, answers, report, write } = values;
    if (target !== 'engine' && target !== 'kernel') throw new UsageError(`--target is engine or kernel, not "${target}"`);
    if (report !== undefined && !/\.(html|json)$/.test(report))
      throw new UsageError(`--report takes a name in .html or .json, not "${report}"`);
    const seed = number('--seed', values.seed, { min: 0, max: 0xffff_ffff, whole: true }) ?? 1;
    const other = number('--compare', values.compare, { min: 0, max: 0xffff_ffff, whole: true });
    const parameters = Object.fromEntries(values.param.map((text) => assignment('--param', text)));
    const scripts = await scriptsAmong(positionals);
    if (!scripts.ok) throw unusable(scripts.error);
    const forOne = Object.entries({ answers, report, write, compare: values.compare }).find(([, given]) => given !== undefined);
    if (scripts.value.length > 1 && forOne) throw new UsageError(`--${forOne[0]} is for one script, and here are ${scripts.value.length}`);
    if (other !== undefined) return compare({ path: scripts.value[0]!, seed, parameters }, other, values.json, output);
    const many = scripts.value.length > 1;
    let worst = 0;
    for (const path of scripts.value) {
      const given = {
        ...(answers !== undefined && { answers }),
        ...(report !== undefined && { report }),
        ...(write !== undefined && { write }),
      };
      const ran = await runScript({ path, target, seed, parameters, ...given }, (event) => {
        if (!values.json && !many) tell(event, output);
        else if (!values.json && event.kind === 'check' && !event.check.ok) tell(event, output);
      });
      if (!ran.ok) throw unusable(ran.error);
      const unused = many ? [] : Object.keys(parameters).filter((name) => !Object.hasOwn(ran.value.parameters, name));
      if (unused.length > 0 && !ran.value.error) throw new UsageError(unusedText(unused, Object.keys(ran.value.parameters)));
      if (values.json) output.jsonLine(ran.value);
      else conclude(path, ran.value, output);
      await output.flush();
      if (ran.value.outcome !== 'passed') worst = 1;
      const { error } = ran.value;
      if (!many && error && (error.kind === 'syntax' || error.kind === 'unusable'))
        throw new UsageError(`${path}${error.at ? `:${error.at.line}:${error.at.column}` : ''}: ${error.message}`);
    }
    return worst;
  },
};

function tell(event: ExperimentEvent, output: Output): void {
  if (event.kind === 'log') output.line(event.level === 'info' ? event.text : `${event.level}: ${event.text}`);
  if (event.kind === 'prediction') {
    const { question, answer, actual } = event.prediction;
    output.line(`ask:  ${question}\n        predicted ${answer ?? '(no answer)'}\n        it was    ${actual}`);
  }
  if (event.kind !== 'check') return;
  const { ok, description, expected, actual, at } = event.check;
  const why = `FAIL  ${description}${at ? ` (line ${at.line})` : ''}\n        expected  ${expected}\n        seen      ${actual}`;
  output.line(ok ? `ok    ${description}` : why);
}

/** How it ended, in one line, after its error if it had one. */
function conclude(path: string, { name, outcome, checks, error, duration, target, seed }: ExperimentReport, output: Output): void {
  if (error) {
    const where = error.at ? `:${error.at.line}:${error.at.column}` : '';
    output.line(`ERROR ${path}${where}: ${error.message}${error.help ? `\n      ${error.help}` : ''}`);
  }
  const failed = checks.filter((check) => !check.ok).length;
  output.line(
    `${name}: ${outcome}; ${checks.length - failed} checks passed, ${failed} failed, ${(duration / 1e9).toFixed(3)} s of ${target} time, seed ${seed}`,
  );
}

const unusedText = (unused: readonly string[], known: readonly string[]): string =>
  `the script asks for no parameter ${unused.map((name) => `"${name}"`).join(', ')}; ${known.length > 0 ? `it asks for ${known.join(', ')}` : 'it asks for none'}`;

async function compare(
  script: Parameters<typeof compareSeeds>[0],
  other: number,
  asJson: boolean | undefined,
  output: Output,
): Promise<number> {
  const compared = await compareSeeds(script, other);
  if (!compared.ok) throw unusable(compared.error);
  const difference = compared.value;
  if (asJson) output.jsonLine({ seeds: [script.seed, other], same: !difference, difference });
  else output.line(difference?.inWords ?? `With the seeds ${script.seed} and ${other} the same happens at the same times.`);
  await output.flush();
  return difference ? 1 : 0;
}
