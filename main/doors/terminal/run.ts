import { compareSeeds, runScript } from '../../workbench/terminal.ts';
import { assignment, type Command, number, parse, UsageError, unusable } from './command.ts';
import { toJson } from './json.ts';
import type { Output } from './output.ts';

export const run: Command = {
  synopsis: 'SCRIPT.ts [--target engine|kernel] [--seed N] [--param NAME=VALUE]... [--answers FILE] [-w FILE]',
  does: 'an experiment; its checks decide the exit status',
  options: [
    '--target T    engine (virtual time, the default) or kernel',
    '--seed N      the seed of everything random, default 1',
    '--param N=V   sets the named value that the script asks for with param(); may be given several times',
    '--answers F   answers to the questions the script asks with predict(): JSON, by question or by its number from 1',
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
        compare: { type: 'string' },
        write: { type: 'string', short: 'w' },
      },
      ['SCRIPT.ts'],
    );
    const { target } = values;
    if (target !== 'engine' && target !== 'kernel') throw new UsageError(`--target is engine or kernel, not "${target}"`);
    const seed = number('--seed', values.seed, { min: 0, max: 0xffff_ffff, whole: true }) ?? 1;
    const other = number('--compare', values.compare, { min: 0, max: 0xffff_ffff, whole: true });
    const parameters = Object.fromEntries(values.param.map((text) => assignment('--param', text)));
    if (other !== undefined) return compare({ path: positionals[0] as string, seed, parameters }, other, values.json, output);
    const ran = await runScript(
      {
        path: positionals[0] as string,
        target,
        seed,
        parameters,
        ...(values.answers === undefined ? {} : { answers: values.answers }),
        ...(values.write === undefined ? {} : { write: values.write }),
      },
      (event) => {
        if (values.json) return;
        if (event.kind === 'log') output.line(event.level === 'info' ? event.text : `${event.level}: ${event.text}`);
        if (event.kind === 'prediction') {
          const { question, answer, actual } = event.prediction;
          output.line(`ask:  ${question}\n        predicted ${answer ?? '(no answer)'}\n        it was    ${actual}`);
        }
        if (event.kind === 'check') {
          const { ok, description, expected, actual, at } = event.check;
          output.line(
            ok
              ? `ok    ${description}`
              : `FAIL  ${description}${at ? ` (line ${at.line})` : ''}\n        expected  ${expected}\n        seen      ${actual}`,
          );
        }
      },
    );
    if (!ran.ok) throw unusable(ran.error);
    const report = ran.value;
    const unused = Object.keys(parameters).filter((name) => !Object.hasOwn(report.parameters, name));
    if (unused.length > 0 && !report.error) throw new UsageError(unusedText(unused, Object.keys(report.parameters)));
    if (values.json) output.line(toJson(report));
    else {
      if (report.error) {
        const where = report.error.at ? `:${report.error.at.line}:${report.error.at.column}` : '';
        output.line(`ERROR ${positionals[0]}${where}: ${report.error.message}${report.error.help ? `\n      ${report.error.help}` : ''}`);
      }
      const failed = report.checks.filter((check) => !check.ok).length;
      output.line(
        `${report.name}: ${report.outcome}; ${report.checks.length - failed} checks passed, ${failed} failed, ${(report.duration / 1e9).toFixed(3)} s of ${report.target} time, seed ${report.seed}`,
      );
    }
    await output.flush();
    if (report.outcome === 'passed') return 0;
    const { error } = report;
    if (error && (error.kind === 'syntax' || error.kind === 'unusable'))
      throw new UsageError(`${positionals[0]}${error.at ? `:${error.at.line}:${error.at.column}` : ''}: ${error.message}`);
    return 1;
  },
};

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
  if (asJson) output.line(toJson({ seeds: [script.seed, other], same: !difference, difference }));
  else output.line(difference?.inWords ?? `With the seeds ${script.seed} and ${other} the same happens at the same times.`);
  await output.flush();
  return difference ? 1 : 0;
}
