import { createWriteStream } from 'node:fs';
import { analyzeFile, followFile, hexDump, readable, refuseOverwriting, refuseStream, type Said } from '../../workbench/terminal.ts';
import { type Command, number, parse, UsageError, unusable } from './command.ts';
import { Output } from './output.ts';

type Side = Said['from'];

const SHAPES = ['text', 'hex', 'raw'] as const;
type Shape = (typeof SHAPES)[number];
const DIRECTIONS = ['client', 'server', 'both'] as const;

function oneOf<T extends string>(name: string, given: string | undefined, choices: readonly T[], otherwise: T): T {
  const found = choices.find((choice) => choice === (given ?? otherwise));
  if (!found) throw new UsageError(`${name} takes ${choices.join(', ')}, not "${given}"`);
  return found;
}

/** Octets of both sides as a person reads them: whose they are is told where the speaker changes. */
class Transcript {
  readonly #shape: Shape;
  readonly #output: Output;
  readonly #spoken: Record<Side, number> = { client: 0, server: 0 };
  #speaker: Side | undefined;
  #midLine = false;

  constructor(shape: Shape, output: Output) {
    this.#shape = shape;
    this.#output = output;
  }

  say(said: Said): void {
    if (this.#shape === 'raw') {
      if (said.kind === 'octets') this.#output.write(said.octets);
      return;
    }
    this.#turnTo(said.from);
    if (said.kind === 'missing') {
      this.#line(`[${said.count} octets missing in the capture]`);
      this.#spoken[said.from] += said.count;
      return;
    }
    if (this.#shape === 'hex') for (const line of hexDump(said.octets, this.#spoken[said.from])) this.#line(line);
    else {
      const text = readable(said.octets);
      this.#output.write(text);
      this.#midLine = !text.endsWith('\n');
    }
    this.#spoken[said.from] += said.octets.length;
  }

  end(): void {
    if (this.#midLine) this.#output.line('');
  }

  #line(text: string): void {
    this.end();
    this.#midLine = false;
    this.#output.line(text);
  }

  #turnTo(side: Side): void {
    if (side === this.#speaker) return;
    this.#speaker = side;
    this.#line(`--- ${side}`);
  }
}

const asJson = (said: Said): string =>
  JSON.stringify(said.kind === 'octets' ? { ...said, octets: Buffer.from(said.octets).toString('hex') } : said);

export const follow: Command = {
  synopsis: 'FILE --connection N [--as text|hex|raw] [--direction client|server|both] [-w FILE]',
  does: 'what both sides of a connection said: payload in order, once, with what is missing',
  options: [
    '--connection N    which one, from 0',
    '--as SHAPE        text (control characters as dots), hex (a dump), raw (octets as they are); text unless said',
    '--direction SIDE  only what the client or the server said',
    '-w FILE           into a file instead of standard output',
    '--json            one object per line: who, which frame, the octets in hexadecimal or how many are missing',
  ],
  async run(args, output) {
    const { values, positionals } = parse(
      args,
      {
        connection: { type: 'string' },
        as: { type: 'string' },
        direction: { type: 'string' },
        write: { type: 'string', short: 'w' },
      },
      ['FILE'],
    );
    const connection = number('--connection', values.connection, { min: 0, max: 2 ** 31, whole: true });
    if (connection === undefined) throw new UsageError('--connection N is missing: tcpwb analyze numbers the connections');
    const shape = oneOf('--as', values.as, SHAPES, 'text');
    const direction = oneOf('--direction', values.direction, DIRECTIONS, 'both');
    const path = positionals[0] as string;
    const checks = [refuseStream(path, 'tcpwb follow'), ...(values.write === undefined ? [] : [refuseOverwriting(path, values.write)])];
    for (const fits of checks) if (!fits.ok) throw unusable(fits.error);
    const read = await analyzeFile(path);
    if (!read.ok) throw unusable(read.error);
    const { analysis, connectionCount } = read.value;
    if (connection >= connectionCount)
      throw new UsageError(`there is no connection ${connection}: the capture has ${connectionCount}, counted from 0`);

    const target = values.write === undefined ? output : await fileOutput(values.write);
    const transcript = new Transcript(shape, target);
    let missing = 0;
    const told = await followFile(
      path,
      analysis,
      connection,
      (said) => {
        if (direction !== 'both' && said.from !== direction) return;
        if (said.kind === 'missing') missing += said.count;
        if (values.json) target.line(asJson(said));
        else transcript.say(said);
      },
      () => target.flush(),
    );
    if (!told.ok) throw unusable(told.error);
    transcript.end();
    if (target !== output) await target.end();
    if (shape === 'raw' && missing > 0) process.stderr.write(`tcpwb: ${missing} octets are missing in the capture\n`);
    return 0;
  },
};

async function fileOutput(path: string): Promise<Output> {
  const stream = createWriteStream(path);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error) => reject(new UsageError(`cannot write ${path}: ${error.message}`)));
  });
  return new Output(stream, path);
}
