import { filterOf, textOf } from '../../workbench/terminal.ts';
import { type Command, parse, unusable } from './command.ts';

export const text: Command = {
  synopsis: 'FILE [-Y FILTER]',
  does: 'TCP segments as tcpdump -n prints them, up to and including their length; - reads standard input',
  options: ['-Y FILTER    only segments that pass a display filter', '--json       one object per line: {"line": ...}'],
  async run(args, output) {
    const { values, positionals } = parse(args, { filter: { type: 'string', short: 'Y' } }, ['FILE']);
    const filter = values.filter === undefined ? undefined : filterOf(values.filter);
    if (filter && !filter.ok) throw unusable(filter.error);
    const printed = await textOf(
      positionals[0] as string,
      values.json ? (line) => output.line(JSON.stringify({ line })) : (line) => output.line(line),
      () => output.flush(),
      filter?.value,
    );
    if (!printed.ok) throw unusable(printed.error);
    await output.flush();
    if (printed.value.note) process.stderr.write(`tcpwb: ${printed.value.note}\n`);
    return 0;
  },
};
