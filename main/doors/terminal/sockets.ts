import { setTimeout as wait } from 'node:timers/promises';
import type { KernelSocketsAsked, KernelSocketsReport } from '../../../preload/sockets.ts';
import { kernelSockets, STATE_GROUPS, statesNamed } from '../../workbench/terminal.ts';
import { type Command, parse, UsageError, unusable } from './command.ts';
import type { Output } from './output.ts';
import { gapText, headline, socketLines } from './sockets-text.ts';

const EVERY_MS = 1000;

export const sockets: Command = {
  synopsis: '[--listen] [--state S]... [--watch]',
  does: 'the kernel’s TCP sockets: queues, tcp_info, timers, memory and owners, for this network namespace',
  options: [
    '--listen     listeners only, with what waits in their queues',
    `--state S    only these: names of RFC 9293 or of ss, with commas between them; also ${STATE_GROUPS.join(', ')}`,
    '--watch      again each second: in place on a terminal; ends with Ctrl-C',
    '--json       one document; with --watch one line each second',
  ],
  async run(args, output) {
    const { values } = parse(
      args,
      { listen: { type: 'boolean' }, state: { type: 'string', multiple: true }, watch: { type: 'boolean' } },
      [],
    );
    const states = asked(values.listen === true, values.state ?? []);
    const look = async (): Promise<KernelSocketsReport> => {
      const found = await kernelSockets({ states });
      if (!found.ok) throw unusable(found.error);
      return found.value;
    };
    const tell = (report: KernelSocketsReport) => output.line(values.json ? JSON.stringify(report) : plain(report));
    if (!values.watch) {
      tell(await look());
      return 0;
    }
    const screen = process.stdout.isTTY && !values.json ? new Screen(output) : undefined;
    await eachSecond(async () => {
      const report = await look();
      if (screen) screen.draw(report);
      else {
        tell(report);
        if (!values.json) output.line('');
      }
      await output.flush();
    }).finally(() => screen?.leave());
    return 0;
  },
};

function asked(listen: boolean, words: readonly string[]): NonNullable<KernelSocketsAsked['states']> {
  const named = words
    .flatMap((word) => word.split(','))
    .flatMap((word) => {
      const states = statesNamed(word);
      if (states) return states;
      throw new UsageError(
        `--state takes a state of RFC 9293 such as CLOSE-WAIT, its name in ss, or ${STATE_GROUPS.join(', ')}, not "${word}"`,
      );
    });
  return listen ? [...named, 'LISTEN'] : named;
}

const plain = (report: KernelSocketsReport): string => [headline(report), ...socketLines(report), ...report.gaps.map(gapText)].join('\n');

/** Acts at once and then each second, until the person has seen enough. */
async function eachSecond(act: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    while (!stop.signal.aborted) {
      await act();
      await wait(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

const [ENTER, LEAVE] = ['\x1b[?1049h\x1b[?25l', '\x1b[?25h\x1b[?1049l'];

/** The terminal's second screen: what stood on the first is there again afterwards, as with watch(1). */
class Screen {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
    output.write(ENTER);
  }

  draw(report: KernelSocketsReport): void {
    const { columns = 80, rows = 24 } = process.stdout;
    const gaps = report.gaps.map(gapText);
    const lines = [headline(report), ...socketLines(report, rows - 2 - gaps.length), ...gaps];
    this.#output.write(
      `\x1b[H${lines
        .slice(0, rows - 1)
        .map((line) => `${line.slice(0, columns)}\x1b[K\n`)
        .join('')}\x1b[J`,
    );
  }

  leave(): void {
    this.#output.write(LEAVE);
  }
}
