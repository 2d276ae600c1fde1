import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Result, WorkbenchError } from '../../preload/contract.ts';
import { type RunOptions, runScript } from '../experiments/packetdrill/run-script.ts';
import type { IpVersion } from '../experiments/packetdrill/settings.ts';
import type { Verdict } from '../experiments/packetdrill/verdict.ts';
import { err, ok } from '../wire/result.ts';

export type { IpVersion } from '../experiments/packetdrill/settings.ts';
export type { Verdict } from '../experiments/packetdrill/verdict.ts';

export interface PacketdrillFile {
  readonly file: string;
  readonly verdict: Verdict;
}

/**
 * The scripts (`.pkt`) among files and under folders, in the order of their names. Of a folder those for another version of IP,
 * whose names end in v4 or v6, are left out, as packetdrill's own test runner does; a file that is named is taken in any case.
 */
export function findScripts(paths: readonly string[], version: IpVersion): Result<readonly string[], WorkbenchError> {
  const found: string[] = [];
  for (const path of paths) {
    try {
      if (statSync(path).isDirectory())
        found.push(...scriptsUnder(path).filter((file) => !file.endsWith(version === '6' ? 'v4.pkt' : 'v6.pkt')));
      else found.push(path);
    } catch (cause) {
      return err(unreadable(path, cause));
    }
  }
  if (found.length === 0) return err({ kind: 'unreadable', message: `There is no script (.pkt) in ${paths.join(', ')}.` });
  return ok(found);
}

const scriptsUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pkt'))
    .sort()
    .map((name) => join(folder, name));

/** Runs one script from a file. Shell scripts that it names are read beside it. */
export function runPacketdrill(file: string, options: Pick<RunOptions, 'version' | 'defines'>): Result<Verdict, WorkbenchError> {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (cause) {
    return err(unreadable(file, cause));
  }
  return ok(runScript({ ...options, source, readFile: (path) => readBeside(file, path) }));
}

function readBeside(file: string, path: string): string | undefined {
  try {
    return readFileSync(resolve(dirname(file), path), 'utf8');
  } catch {
    return undefined;
  }
}

function unreadable(path: string, cause: unknown): WorkbenchError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return { kind: 'unreadable', message: `Cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file or folder' : message}.` };
}
