import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../workbench/terminal.ts';
import { type Command, parse, UsageError } from './command.ts';

const RUNNER = join(ROOT, 'scripts', 'bench.mjs');

export const bench: Command = {
  synopsis: '[BENCHMARK [NAME...]]',
  does: 'the benchmarks, one JSON line for each measurement: engine, analyze, capture; all of one, or only those named',
  options: [],
  async run(args) {
    const { positionals } = parse(args, {}, [], { more: true });
    if (!existsSync(RUNNER)) throw new UsageError('the benchmarks need the sources: run them in a checkout, with npx tcpwb bench');
    const [status] = await once(spawn(process.execPath, [RUNNER, ...positionals], { stdio: 'inherit' }), 'exit');
    return (status as number | null) ?? 1;
  },
};
