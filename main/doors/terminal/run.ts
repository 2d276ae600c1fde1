import { runScript } from '../../workbench/terminal.ts';
import { type Command, number, parse, UsageError, unusable } from './command.ts';
import { toJson } from './json.ts';

export const run: Command = {
  synopsis: 'SCRIPT.ts [--target engine|kernel] [--seed N] [-w FILE]',
  does: 'an experiment; its checks decide the exit status',
  options: [
    '--target T    engine (virtual time, the default) or kernel',
    '--seed N      the seed of everything random, default 1',
    '-w FILE       the segments as pcapng',
  ],
  async run(args, output) {
    const { values, positionals } = parse(
      args,
      { target: { type: 'string', default: 'engine' }, seed: { type: 'string' }, write: { type: 'string', short: 'w' } },
      ['SCRIPT.ts'],
    );
    const { target } = values;
    if (target !== 'engine' && target !== 'kernel') throw new UsageError(`--target is engine or kernel, not "${target}"`);
    const seed = number('--seed', values.seed, { min: 0, max: 0xffff_ffff, whole: true }) ?? 1;
    const ran = await runScript(
      { path: positionals[0] as string, target, seed, ...(values.write === undefined ? {} : { write: values.write }) },
      (event) => {
        if (values.json) return;
        if (event.kind === 'log') output.line(event.level === 'info' ? event.text : `${event.level}: ${event.text}`);
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
