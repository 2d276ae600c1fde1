import { analyze } from './terminal/analyze.ts';
import { bench } from './terminal/bench.ts';
import { capture } from './terminal/capture.ts';
import { type Command, UsageError } from './terminal/command.ts';
import { engine } from './terminal/engine.ts';
import { follow } from './terminal/follow.ts';
import { grade } from './terminal/grade.ts';
import { interfaces } from './terminal/interfaces.ts';
import { Output } from './terminal/output.ts';
import { packetdrill } from './terminal/packetdrill.ts';
import { run } from './terminal/run.ts';
import { serve } from './terminal/serve.ts';
import { sockets } from './terminal/sockets.ts';
import { text } from './terminal/text.ts';

/**
 * The terminal door. Exit status: 0 done; 1 done, and the answer is negative (a failed expectation); 2 unusable input or
 * arguments, with one clear line on standard error.
 */
const COMMANDS: Readonly<Record<string, Command>> = {
  interfaces,
  capture,
  analyze,
  text,
  follow,
  run,
  grade,
  packetdrill,
  sockets,
  engine,
  serve,
  bench,
};

const usage = (): string =>
  [
    'tcpwb COMMAND: a laboratory for TCP in the terminal. Every command takes --json and --help.',
    '',
    ...Object.entries(COMMANDS).map(([name, { synopsis, does }]) => `  ${`${name} ${synopsis}`.trimEnd()}\n      ${does}`),
    '',
    'Exit status: 0 done; 1 done, and the answer is negative; 2 unusable input or arguments.',
    '',
  ].join('\n');

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(`there is no command "${name}"; tcpwb help lists them: ${Object.keys(COMMANDS).join(', ')}`);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(
      `tcpwb ${name} ${command.synopsis}\n    ${command.does}\n${command.options.map((line) => `    ${line}\n`).join('')}`,
    );
    return 0;
  }
  const output = new Output(process.stdout);
  const status = await command.run(args, output);
  await output.end();
  return status;
}

main().then(
  (status) => {
    process.exitCode = status;
    if (status !== 0 || process.argv[2] !== 'serve') process.exit();
  },
  (error: Error) => {
    process.stderr.write(`tcpwb: ${error instanceof UsageError ? error.message : (error.stack ?? error.message)}\n`);
    process.exit(error instanceof UsageError ? 2 : 70);
  },
);
