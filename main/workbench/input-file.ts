import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Result, WorkbenchError } from '../../preload/contract.ts';
import { err, ok } from '../wire/result.ts';

const stat = (path: string) => statSync(path, { throwIfNoEntry: false });

/** What is read twice can be neither standard input nor a pipe with a name. What is not there is told of by who opens it. */
export function refuseStream(path: string, what: string): Result<null, WorkbenchError> {
  const isStream = path === '-' || (stat(path)?.isFIFO() ?? false);
  if (!isStream) return ok(null);
  return err({
    kind: 'read-twice',
    message: `${what} reads the capture twice, and ${path === '-' ? 'standard input' : `a pipe (${path})`} comes once.`,
    help: 'Save it to a file first.',
  });
}

/** A capture is never written over while it is read, whatever name it is given a second time. */
export function refuseOverwriting(path: string, to: string): Result<null, WorkbenchError> {
  if (path === '-') return ok(null);
  const [from, target] = [stat(path), stat(to)];
  const isSame = from && target ? from.isFile() && from.ino === target.ino && from.dev === target.dev : resolve(path) === resolve(to);
  return isSame ? err({ kind: 'usage', message: `${to} is the capture itself.`, help: 'Write to another file.' }) : ok(null);
}
