/** Where in a filter's text something stands: UTF-16 units from its start, the end excluded. */
export interface Span {
  readonly at: number;
  readonly end: number;
}

/** What is wrong with a filter, and where. */
export interface FilterError extends Span {
  /** One sentence: what stands there, and what was expected. */
  readonly message: string;
}

/** Ends the reading of a filter from wherever it has come to; `readFilter` catches it, and nobody else sees one. */
export class FilterFault extends Error {
  readonly span: Span;

  constructor(span: Span, message: string) {
    super(message);
    this.span = span;
  }
}

/** 1-based, as editors count. */
export function lineAndColumn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** So much of a line is shown around the place; a giant filter must not fill the screen. */
const SHOWN = 100;

/** The message, the line it is about, and a caret under the place; three lines. */
export function describeFilterError(text: string, error: FilterError): string {
  const { line, column } = lineAndColumn(text, error.at);
  const whole = text.split('\n')[line - 1]!;
  const from = Math.max(0, column - 1 - SHOWN / 2);
  const shown = whole.slice(from, from + SHOWN).replaceAll('\t', ' ');
  const length = Math.max(1, Math.min(error.end - error.at, shown.length - (column - 1 - from)));
  const caret = `${' '.repeat(column - 1 - from)}^${'~'.repeat(length - 1)}`;
  return `line ${line}, column ${column}: ${error.message}\n    ${shown}\n    ${caret}`;
}
