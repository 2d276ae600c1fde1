import { textOf } from '../../workbench/terminal.ts';
import { type Command, parse, unusable } from './command.ts';

export const text: Command = {
  synopsis: 'FILE',
  does: 'TCP segments as tcpdump -n prints them, up to and including their length; - reads standard input',
  options: ['--json    one object per line: {"line": ...}'],
  async run(args, output) {
    const { values, positionals } = parse(args, {}, ['FILE']);
    const printed = await textOf(
      positionals[0] as string,
      values.json ? (line) => output.line(JSON.stringify({ line })) : (line) => output.line(line),
      () => output.flush(),
    );
    if (!printed.ok) throw unusable(printed.error);
    await output.flush();
    if (printed.value.note) process.stderr.write(`tcpwb: ${printed.value.note}\n`);
    return 0;
  },
};
