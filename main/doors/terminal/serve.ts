import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from '../../workbench/index.ts';
import { version } from '../../workbench/terminal.ts';
import { serve as openDoor } from '../served.ts';
import { type Command, number, parse, UsageError, unusable } from './command.ts';

const WINDOW = join(import.meta.dirname, '..', 'renderer');

export const serve: Command = {
  synopsis: '[--port N] [CAPTURE...]',
  does: 'the same window for a browser, on 127.0.0.1 only; prints its address, with the token that lets you in, and keeps serving; opens the captures named',
  options: ['--port N    a fixed port instead of a free one'],
  async run(args, output) {
    const { values, positionals } = parse(args, { port: { type: 'string' } }, [], { more: true });
    const port = number('--port', values.port, { min: 0, max: 65535, whole: true }) ?? 0;
    if (!existsSync(join(WINDOW, 'index.html'))) throw new UsageError(`the window is not built: ${WINDOW} is missing. Run: npm run build`);
    const workbench = new Workbench({ version: version() });
    for (const path of positionals) {
      const opened = await workbench.open(path);
      if (!opened.ok) throw unusable(opened.error);
    }
    const served = await openDoor({ workbench, window: WINDOW, port }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE' ? new UsageError(`port ${port} is taken; leave --port out for a free one`) : error;
    });
    output.line(
      values.json
        ? JSON.stringify({ url: served.url })
        : `TCP Workbench: ${served.url}\nOpen it in a browser on this machine. Ctrl-C ends it.`,
    );
    await output.flush();

    let closing = false;
    const close = async (status: number) => {
      if (closing) process.exit(status);
      closing = true;
      await Promise.all([served.close(), workbench.close()]);
      process.exit(status);
    };
    process
      .on('SIGINT', () => void close(130))
      .on('SIGTERM', () => void close(0))
      .on('SIGHUP', () => void close(0));
    // Started by the launcher: when it dies, however it dies, so do we.
    process.on('disconnect', () => void close(0));
    return 0;
  },
};
