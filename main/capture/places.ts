import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the programs that capture may be. Everything has a default that fits a checkout. */
export interface CapturePlaces {
  /** Electron's `process.resourcesPath` of a packaged app, which carries `native/capture/build/tcpwb-capture`. */
  readonly resourcesPath?: string;
  /** Any file or folder within the project; the module that asks, unless given. */
  readonly within?: string;
  /** The built `cap-child.ts`; `cap-child.js` beside the module that asks, unless given. */
  readonly capChild?: string;
  /** `TCPWB_CAPTURE_HELPER` and `PATH` are read from here; the process's own unless given. */
  readonly env?: NodeJS.ProcessEnv;
}

const HELPER = join('native', 'capture', 'build', 'tcpwb-capture');

/** Our capture helper: the one the environment names, the app's own, or that of the nearest folder above which has one. */
export function findHelper({ resourcesPath, within = here(), env = process.env }: CapturePlaces = {}): string | undefined {
  if (env.TCPWB_CAPTURE_HELPER) return runnable(env.TCPWB_CAPTURE_HELPER);
  if (resourcesPath) {
    const packaged = runnable(join(resourcesPath, HELPER));
    if (packaged) return packaged;
  }
  for (let folder = within; ; folder = dirname(folder)) {
    const found = runnable(join(folder, HELPER));
    if (found || folder === dirname(folder)) return found;
  }
}

export function findDumpcap({ env = process.env }: CapturePlaces = {}): string | undefined {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const found = folder && runnable(join(folder, 'dumpcap'));
    if (found) return found;
  }
  return undefined;
}

export function findCapChild({ capChild = join(dirname(here()), 'cap-child.js') }: CapturePlaces = {}): string | undefined {
  return readable(capChild);
}

const here = (): string => fileURLToPath(import.meta.url);

function permits(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return path;
  } catch {
    return undefined;
  }
}
const runnable = (path: string) => permits(path, constants.X_OK);
const readable = (path: string) => permits(path, constants.R_OK);
