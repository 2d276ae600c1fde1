import { parseScript } from './parse-script.ts';
import { Runner } from './runner.ts';
import type { Place } from './script.ts';
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

export const BEGINNING: Place = { line: 1, column: 1 };

/** How a run ended that threw. */
export const missOf = (error: unknown): Miss =>
  error instanceof Miss ? error : new Miss('unsupported', `the engine broke down: ${(error as Error).message}`);

/** Reads a packetdrill script and runs it on the engine, in virtual time. */
export function runScript({ source, version, defines, readFile }: RunOptions): Verdict {
  const script = parseScript(source, new Map([...usualDefines(version), ...defines]));
  if (!script.ok) return verdict(source, new Miss('mistake', script.error.message), script.error);
  let runner: Runner | undefined;
  try {
    runner = new Runner(script.value, settingsOf(script.value, version), readFile);
    runner.run();
    return PASSED;
  } catch (error) {
    const miss = missOf(error);
    return verdict(source, miss, miss.place ?? runner?.place ?? BEGINNING);
  }
}

function verdict(source: string, { kind, message, expected, actual }: Miss, { line, column }: Place): Verdict {
  const text = source.split('\n')[line - 1]?.trim();
  return { passed: false, kind, line, column, text, message, expected, actual };
}
