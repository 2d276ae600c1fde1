import { err, ok, type Result } from '../../wire/result.ts';
import type { ScriptError, ScriptPosition } from '../report.ts';
import { stripTypeScript } from './typescript-stripper.ts';

/**
 * TypeScript to JavaScript by blanking out what is type: every other character stays in its line and column, so every later
 * position is the author's own. Syntax that would need code to be written (enum, namespace) is refused.
 */
export function stripTypes(source: string): Result<string, ScriptError> {
  const stripped = stripTypeScript(source);
  if (stripped === 'gave-up') return err(TOO_DEEP);
  return 'code' in stripped ? ok(stripped.code) : err(syntaxError(stripped.report, source));
}

const TOO_DEEP: ScriptError = {
  kind: 'syntax',
  message: 'the script nests too deep to be read',
  help: 'Look for thousands of brackets or operators inside one another.',
  at: undefined,
};

function syntaxError(report: string, source: string): ScriptError {
  // The first line of the report is a cross and the message; then the source lines with a caret under the place.
  const first = (report.split('\n', 1)[0] ?? '').replace(/^\s*[x×]\s*/, '').trim();
  const message = first.slice(0, 500) || 'this is not TypeScript';
  const erasableOnly = /strip-only mode$/.test(message);
  return {
    kind: 'syntax',
    message: erasableOnly ? message.replace(' in strip-only mode', ' in a script') : message,
    help: erasableOnly ? 'Types are removed, never turned into code: use a union of literals, a plain object or a plain class.' : undefined,
    at: placeOfCaret(report) ?? endOf(source),
  };
}

function placeOfCaret(report: string): ScriptPosition | undefined {
  let lineNumber = 0;
  let text = '';
  for (const row of report.split('\n')) {
    const sourceRow = /^\s*(\d+) [|│] ?(.*)$/.exec(row);
    if (sourceRow) {
      lineNumber = Number(sourceRow[1]);
      text = sourceRow[2] ?? '';
      continue;
    }
    const caretRow = /^\s*[:·] ?(\s*)[\^─|]/.exec(row);
    if (caretRow && lineNumber > 0) return { line: lineNumber, column: columnAt(text, caretRow[1]!.length) };
  }
  const header = /\[(\d+):(\d+)\]/.exec(report);
  return header ? { line: Number(header[1]), column: Number(header[2]) } : undefined;
}

/** The report counts terminal cells: characters of East Asian scripts take two. Gives the 1-based column in characters. */
function columnAt(text: string, cells: number): number {
  let passed = 0;
  let column = 1;
  for (const character of text) {
    if (passed >= cells) break;
    passed += WIDE.test(character) ? 2 : 1;
    column += character.length;
  }
  return column;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

function endOf(source: string): ScriptPosition {
  const lines = source.split('\n');
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
