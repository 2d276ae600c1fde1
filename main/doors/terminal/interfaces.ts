import { listInterfaces } from '../../workbench/terminal.ts';
import { type Command, parse, unusable } from './command.ts';
import { columns } from './table.ts';

export const interfaces: Command = {
  synopsis: '',
  does: 'capture interfaces with addresses, link type, state, and whether this user may capture on them and what would allow it',
  options: [],
  async run(args, output) {
    const { values } = parse(args, {}, []);
    const found = await listInterfaces();
    if (!found.ok) throw unusable(found.error);
    if (values.json) {
      output.line(JSON.stringify(found.value));
      return 0;
    }
    const state = (is: boolean, word: string) => (is ? [word] : []);
    const rows = found.value.map((one) => [
      one.name,
      [
        ...state(one.up, 'up'),
        ...state(one.running, 'running'),
        ...state(one.loopback, 'loopback'),
        ...state(one.wireless, 'wireless'),
      ].join(',') || 'down',
      one.linkType || '-',
      one.capture.allowed ? 'yes' : 'no',
      one.addresses.join(' ') || '-',
    ]);
    output.write(columns(['NAME', 'STATE', 'LINK', 'CAPTURE', 'ADDRESSES'], rows));
    const refused = found.value.find((one) => !one.capture.allowed);
    if (refused)
      output.line(
        `\nNot allowed: ${refused.capture.why ?? 'No permission.'} ${refused.capture.fix ? `To allow it: ${refused.capture.fix}` : ''}`,
      );
    return 0;
  },
};
