import { type Nanos, seconds } from '../../wire/units.ts';
import type { Token } from './lexer.ts';
import type { Place, ScriptError } from './script.ts';

/** Ends the parsing; `parseScript` gives it as a value. */
export class Mistake extends Error {
  readonly at: Place;

  constructor(at: Place, message: string) {
    super(message);
    this.at = at;
  }

  get error(): ScriptError {
    return { line: this.at.line, column: this.at.column, message: this.message };
  }
}

/** A word as an error message shows it. */
const spelled = ({ kind, text }: Token): string => {
  if (kind === 'end') return 'the end of the script';
  const short = text.length > 30 ? `${text.slice(0, 30)}...` : text;
  if (kind === 'string') return `the string "${short}"`;
  if (kind === 'command') return 'a shell command';
  if (kind === 'code') return 'code';
  return `\`${kind === 'option' ? '--' : ''}${short}\``;
};

/** What stands where a word is that was defined: `--define`, `-D`. */
function defined(value: string, at: Token): Token {
  const { line, column } = at;
  if (value.length > 1 && /^(["`]).*\1$/s.test(value))
    return { kind: value[0] === '"' ? 'string' : 'command', text: value.slice(1, -1), line, column };
  if (/^-?[0-9]+$/.test(value)) return { kind: 'integer', text: value, line, column };
  if (/^0x[0-9a-fA-F]+$/.test(value)) return { kind: 'hex', text: value, line, column };
  return { kind: 'word', text: value, line, column };
}

/** The words of a script one after the other, with what the defined ones stand for. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private readonly defines: Map<string, string>;
  private at = 0;
  private depth = 0;
  /** Words that were read last, for `expected ... after`. */
  private before: Token | undefined;

  constructor(tokens: readonly Token[], defines: ReadonlyMap<string, string>) {
    this.tokens = tokens;
    this.defines = new Map(defines);
  }

  /** What was given with `-D` outside stays. */
  define(name: string, value: string): void {
    if (!this.defines.has(name)) this.defines.set(name, value);
  }

  peek(ahead = 0): Token {
    const token = this.raw(ahead);
    const value = token.kind === 'word' ? this.defines.get(token.text) : undefined;
    return value === undefined ? token : defined(value, token);
  }

  /** As written, whatever it may be defined as. */
  raw(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    this.at++;
    this.before = token;
    return token;
  }

  nextRaw(): Token {
    const token = this.raw();
    this.at++;
    this.before = token;
    return token;
  }

  isMark(text: string, ahead = 0): boolean {
    const { kind, text: mark } = this.peek(ahead);
    return kind === 'mark' && mark === text;
  }

  isWord(...words: readonly string[]): boolean {
    const { kind, text } = this.raw();
    return kind === 'word' && words.includes(text);
  }

  takeMark(text: string): boolean {
    const there = this.isMark(text);
    if (there) this.next();
    return there;
  }

  takeWord(text: string): boolean {
    const there = this.isWord(text);
    if (there) this.nextRaw();
    return there;
  }

  mark(text: string): void {
    if (!this.takeMark(text)) this.expected(`\`${text}\``);
  }

  word(what: string): string {
    if (this.peek().kind !== 'word') this.expected(what);
    return this.next().text;
  }

  keyword(text: string): void {
    if (!this.takeWord(text)) this.expected(`\`${text}\``);
  }

  /** A whole number within the range; `what` says what it is. */
  integer(what: string, least: number, most: number): number {
    const token = this.peek();
    if (token.kind !== 'integer' && token.kind !== 'hex') this.expected(what);
    const value = Number(token.text);
    if (!(value >= least && value <= most)) this.fail(`${what} is from ${least} to ${most}, not ${token.text}`);
    this.next();
    return value;
  }

  time(what: string): Nanos {
    const token = this.peek();
    if (token.kind !== 'integer' && token.kind !== 'float') this.expected(what);
    const value = Number(token.text);
    if (value < 0) this.fail(`${what} cannot be negative, as ${token.text} is`);
    if (value > 1e6) this.fail(`${what} is in seconds, at most 1000000, not ${token.text}`);
    this.next();
    return seconds(value);
  }

  /** Octets written as hexadecimal digits; none where no such word stands. */
  hexOctets(what: string): Uint8Array {
    const token = this.peek();
    if (token.kind !== 'word' && token.kind !== 'integer') return new Uint8Array(0);
    if (token.text.length % 2 === 1 || !/^[0-9a-fA-F]+$/.test(token.text))
      this.fail(`${what} is written with pairs of hexadecimal digits, not \`${token.text}\``);
    this.next();
    return Uint8Array.from(token.text.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  }

  /** Keeps hostile nesting from exhausting the stack. */
  nested<T>(read: () => T): T {
    if (++this.depth > 50) this.fail('nested more than 50 deep');
    const value = read();
    this.depth--;
    return value;
  }

  expected(what: string): never {
    const { before } = this;
    const after = before && before.line === this.raw().line ? ` after ${spelled(before)}` : '';
    this.fail(`expected ${what}${after}, found ${spelled(this.peek())}`);
  }

  fail(message: string): never {
    throw new Mistake(this.raw(), message);
  }
}
