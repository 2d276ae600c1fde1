import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { LeftCapture } from '../../preload/contract.ts';

/** `TIME-PID-TITLE-UUID.pcapng`: when it began, whose it is, and what was captured, each readable from the name alone. */
const NAME = /^(\d{8}T\d{6}Z)-(\d+)-([\w.:@%+-]*)-[0-9a-f]{8}\.pcapng$/;

/** Where a live capture lies while it runs, by the XDG base directory specification: what it holds outlives a crash. */
export const keptFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'tcp-workbench', 'captures');

/**
 * The captures that were running when a Workbench ended without ending them. A file is left when the process that wrote it
 * is gone; those of Workbenches that still run are not touched.
 */
export class KeptCaptures {
  readonly #folder: string;
  readonly #mine = new Set<string>();

  constructor(folder: string = keptFolder()) {
    this.#folder = folder;
  }

  /** A path to record a capture of that title in; undefined where the folder cannot be made. The file is not created. */
  place(title: string): string | undefined {
    const began = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const readable = title.replaceAll(/[^\w.:@%+-]+/g, '_').slice(0, 80);
    const name = `${began}-${process.pid}-${readable}-${randomUUID().slice(0, 8)}.pcapng`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch {
      return undefined; // it is recorded in a file without a name then, as before
    }
    this.#mine.add(name);
    return join(this.#folder, name);
  }

  /** The latest first. */
  left(): readonly LeftCapture[] {
    return this.#names()
      .flatMap((id) => {
        const [, began, pid, title] = NAME.exec(id) ?? [];
        const path = join(this.#folder, id);
        if (title === undefined || this.#mine.has(id) || isWrittenBy(Number(pid), path)) return [];
        const found = statSync(path, { throwIfNoEntry: false });
        return found?.isFile() ? [{ id, title: title.replaceAll('_', ' '), began: asDate(began!), octets: found.size }] : [];
      })
      .sort((a, b) => b.began - a.began);
  }

  /** The path of one of those that `left` tells of; undefined when it is none of them. */
  pathOf(id: string): string | undefined {
    return this.left().some((one) => one.id === id) ? join(this.#folder, id) : undefined;
  }

  discard(path: string): void {
    rmSync(path, { force: true });
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }
}

/** Milliseconds since 1970 of `YYYYMMDDTHHMMSSZ`. */
const asDate = (text: string): number => Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/**
 * That process runs and has the file open. A number alone proves nothing: it is given to another process in time, after a restart of
 * the machine at once. Where the system does not tell what a process has open, one that runs is taken for the writer.
 */
function isWrittenBy(pid: number, path: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    const held = `/proc/${pid}/fd`;
    const file = realpathSync(path);
    return readdirSync(held).some((descriptor) => targetOf(join(held, descriptor)) === file);
  } catch {
    return true;
  }
}

/** Empty for a descriptor that was closed meanwhile. */
function targetOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
