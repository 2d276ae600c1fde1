import { parseScript } from './parse-script.ts';
import { Runner } from './runner.ts';
import { type IpVersion, settingsOf, usualDefines } from './settings.ts';
import type { ReadFile } from './shell.ts';
import { Miss, PASSED, type Verdict } from './verdict.ts';

export interface RunOptions {
  readonly source: string;
  readonly version: IpVersion;
  /** Words that stand for something else, as `-D NAME=VALUE` gives them. */
  readonly defines: ReadonlyMap<string, string>;
  /** Shell scripts that the script's commands name. */
  readonly readFile: ReadFile;
}

/** Reads a packetdrill script and runs it on the engine, in virtual time. */
export function runScript({ source, version, defines, readFile }: RunOptions): Verdict {
  const script = parseScript(source, new Map([...usualDefines(version), ...defines]));
  if (!script.ok) {
    const { line, column, message } = script.error;
    return { ...PASSED, passed: false, kind: 'mistake', line, message: `line ${line}, column ${column}: ${message}` };
  }
  let runner: Runner | undefined;
  try {
    runner = new Runner(script.value, settingsOf(script.value, version), readFile);
    runner.run();
    return PASSED;
  } catch (error) {
    const miss = error instanceof Miss ? error : new Miss('unsupported', `the engine broke down: ${(error as Error).message}`);
    return { passed: false, kind: miss.kind, line: runner?.line ?? 1, message: miss.message, expected: miss.expected, actual: miss.actual };
  }
}
