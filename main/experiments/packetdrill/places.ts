import type { Place } from './script.ts';

/** Line and column of a place in the text; places are asked for in order. */
export class Places {
  private readonly source: string;
  private line = 1;
  private lineStart = 0;
  private seen = 0;

  constructor(source: string) {
    this.source = source;
  }

  of(at: number): Place {
    for (; this.seen < at; this.seen++) {
      if (this.source[this.seen] !== '\n') continue;
      this.line++;
      this.lineStart = this.seen + 1;
    }
    return { line: this.line, column: at - this.lineStart + 1 };
  }
}
