import { type Grade, grade as gradeFolder } from '../../workbench/terminal.ts';
import { assignment, type Command, number, parse, unusable } from './command.ts';
import { columns } from './table.ts';

export const grade: Command = {
  synopsis: 'DIR [--seed N | --own-seeds] [--param NAME=VALUE]... [--time S] [--memory MIB]',
  does: "a folder of students' scripts, each run apart from the others: a table with one row for each file",
  options: [
    '--seed N        the seed of every run, default 1',
    '--own-seeds     each file gets a seed from its name, and with it its own values of param()',
    '--param N=V     sets a named value in every run; may be given several times',
    '--time S        seconds of processor time for each file, default 30',
    '--memory MIB    memory of each process, default 512',
    '                answers to predict() are read from NAME.answers.json beside NAME.ts',
    '--json          one object: grades, with every failed check',
  ],
  async run(args, output) {
    const { values, positionals } = parse(
      args,
      {
        seed: { type: 'string' },
        'own-seeds': { type: 'boolean', default: false },
        param: { type: 'string', multiple: true, default: [] },
        time: { type: 'string' },
        memory: { type: 'string' },
      },
      ['DIR'],
    );
    const graded = await gradeFolder(
      {
        folder: positionals[0]!,
        seed: number('--seed', values.seed, { min: 0, max: 0xffff_ffff, whole: true }) ?? 1,
        ownSeeds: values['own-seeds'],
        parameters: Object.fromEntries(values.param.map((text) => assignment('--param', text))),
        limits: {
          seconds: number('--time', values.time, { min: 1, max: 3600 }) ?? 30,
          memory: number('--memory', values.memory, { min: 128, max: 65_536, whole: true }) ?? 512,
        },
      },
      () => undefined,
    );
    if (!graded.ok) throw unusable(graded.error);
    if (values.json) output.jsonLine({ grades: graded.value });
    else output.write(columns(['file', 'outcome', 'checks', 'predicted', 'seed', 'first thing wrong'], graded.value.map(row)));
    await output.flush();
    return graded.value.every(({ outcome }) => outcome === 'passed') ? 0 : 1;
  },
};

function row({ file, outcome, passed, checks, right, answered, questions, seed, error, failed }: Grade): readonly string[] {
  const predicted = questions === 0 ? '-' : answered === 0 ? `0 of ${questions} answered` : `${right} of ${answered} right`;
  const wrong = failed[0] && `${failed[0].description}: expected ${failed[0].expected}, was ${failed[0].actual}`;
  const at = error?.line ?? (error ? undefined : failed[0]?.line);
  const why = error?.message ?? wrong ?? '';
  return [file, outcome, `${passed} of ${checks}`, predicted, String(seed), oneLine(`${at === undefined ? '' : `line ${at}: `}${why}`)];
}

const LONGEST = 160;
/** A student's text must not break the table, or steer the terminal. */
const oneLine = (text: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is those that are taken out
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
};
