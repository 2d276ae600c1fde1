import type { ScriptPosition } from '../report.ts';

/** The name a person's script has inside the sandbox; the stack frames of the lab's own modules carry other names. */
export const SCRIPT = 'script.ts';

const FRAME = /[( ]script\.ts:(\d{1,7})(?::(\d{1,7}))?\)?$/;

/**
 * The innermost place in the script on one of QuickJS's stacks, frames of the lab's own modules skipped. A script can write
 * any text into `stack`, so this reads a bounded part of it and trusts nothing.
 */
export function positionIn(stack: string): ScriptPosition | undefined {
  for (const line of stack.slice(0, 8192).split('\n', 64)) {
    const found = FRAME.exec(line.slice(0, 512));
    if (found) return { line: Number(found[1]), column: Number(found[2] ?? 1) };
  }
  return undefined;
}

/** " (line 3, column 7)", or nothing. */
export const placeText = (at: ScriptPosition | undefined): string => (at ? ` (line ${at.line}, column ${at.column})` : '');
