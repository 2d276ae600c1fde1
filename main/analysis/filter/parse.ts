import { FilterFault, type Span } from './filter-error.ts';
import { readRanges } from './ranges.ts';
import type { ArithmeticOp, Comparison, Expression, Operand, Quantifier, SetMember } from './syntax.ts';
import { type Token, tokenize } from './token.ts';

/** A filter is written by a person; what is longer or deeper than this is an accident or an attack. */
export const LONGEST_FILTER = 16_384;
const DEEPEST = 100;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '==': '==',
  eq: '==',
  any_eq: '==',
  '!=': '!=',
  ne: '!=',
  all_ne: '!=',
  '===': '===',
  all_eq: '===',
  '!==': '!==',
  '~=': '!==',
  any_ne: '!==',
  '<': '<',
  lt: '<',
  '<=': '<=',
  le: '<=',
  '>': '>',
  gt: '>',
  '>=': '>=',
  ge: '>=',
  contains: 'contains',
  matches: 'matches',
  '~': 'matches',
};

/** Words that are never a field or a value. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...Object.keys(COMPARISONS).filter((word) => /[a-z]/.test(word)),
  'and',
  'or',
  'not',
  'in',
  'any',
  'all',
  'bitwise_and',
]);

/** Tightest last: each level of operators takes operands of the next. */
const ARITHMETIC: readonly Readonly<Record<string, ArithmeticOp>>[] = [
  { '&': '&', bitwise_and: '&' },
  { '+': '+', '-': '-' },
  { '*': '*', '/': '/', '%': '%' },
];

/** What the text says, by Wireshark's grammar; an empty one says nothing and gives undefined. Throws a `FilterFault`. */
export function parse(text: string, isField: (word: string) => boolean): Expression | undefined {
  if (text.length > LONGEST_FILTER)
    throw new FilterFault(
      { at: LONGEST_FILTER, end: text.length },
      `this filter has ${text.length} characters; one of more than ${LONGEST_FILTER} is not read.`,
    );
  return new Parser(tokenize(text, isField)).filter();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  filter(): Expression | undefined {
    if (this.#isOver) return undefined;
    const expression = this.#chain('or');
    if (!this.#isOver) this.#unexpected('"&&", "||" or the end');
    return expression;
  }

  get #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  get #isOver(): boolean {
    return this.#peek.kind === 'end';
  }

  /** The symbol or bare word that comes next, whatever it means. */
  get #sign(): string | undefined {
    const token = this.#peek;
    return token.kind === 'word' || token.kind === 'symbol' ? token.text : undefined;
  }

  #take(): Token {
    return this.#tokens[this.#next++]!;
  }

  #accept(...signs: readonly string[]): boolean {
    const found = this.#sign !== undefined && signs.includes(this.#sign);
    if (found) this.#next++;
    return found;
  }

  #expect(sign: string, what: string): Token {
    if (this.#sign !== sign) this.#unexpected(what);
    return this.#take();
  }

  #unexpected(expected: string): never {
    const token = this.#peek;
    if (token.kind === 'end') throw new FilterFault(token, `the filter ends here; expected ${expected}.`);
    const stands =
      token.kind === 'word' || token.kind === 'symbol' ? `"${token.text}"` : token.kind === 'slice' ? 'a slice' : `a ${token.kind}`;
    throw new FilterFault(token, `${stands} cannot stand here; expected ${expected}.`);
  }

  #deeper<T>(work: () => T): T {
    if (++this.#depth > DEEPEST) throw new FilterFault(this.#peek, `this is nested more than ${DEEPEST} deep, which is not read.`);
    const result = work();
    this.#depth--;
    return result;
  }

  /** `a || b || c` is one node with three parts, so a long chain is not a deep one. */
  #chain(kind: 'or' | 'and'): Expression {
    const part = (): Expression => (kind === 'or' ? this.#chain('and') : this.#negation());
    const parts = [part()];
    while (kind === 'or' ? this.#accept('||', 'or') : this.#accept('&&', 'and')) parts.push(part());
    return parts.length === 1 ? parts[0]! : { kind, parts, at: parts[0]!.at, end: parts.at(-1)!.end };
  }

  #negation(): Expression {
    const { at } = this.#peek;
    if (this.#accept('!', 'not')) {
      const inner = this.#deeper(() => this.#negation());
      return { kind: 'not', inner, at, end: inner.end };
    }
    if (this.#accept('(')) {
      const inner = this.#deeper(() => this.#chain('or'));
      this.#expect(')', '")", "&&" or "||"');
      return inner;
    }
    return this.#relation();
  }

  #relation(): Expression {
    const { at } = this.#peek;
    const quantifier: Quantifier | undefined = this.#accept('any') ? 'any' : this.#accept('all') ? 'all' : undefined;
    const left = this.#operand(0);
    const op = this.#comparison();
    if (op) return this.#comparisons(quantifier, left, op, at);
    const negated = this.#sign === 'not' && this.#sees(1, 'in');
    if (negated) this.#take();
    if (this.#accept('in')) {
      const { set, end } = this.#set();
      return { kind: 'in', quantifier, negated, left, set, at, end };
    }
    if (quantifier) this.#unexpected(`a comparison after "${quantifier}"`);
    return { kind: 'alone', operand: left, at, end: left.end };
  }

  #sees(ahead: number, sign: string): boolean {
    const token = this.#tokens[this.#next + ahead];
    return token?.kind === 'word' && token.text === sign;
  }

  #comparison(): Comparison | undefined {
    const sign = this.#sign;
    if (sign === undefined || !Object.hasOwn(COMPARISONS, sign)) return undefined;
    this.#take();
    return COMPARISONS[sign];
  }

  /** `a < b < c` means `a < b && b < c`. */
  #comparisons(quantifier: Quantifier | undefined, first: Operand, firstOp: Comparison, at: number): Expression {
    const parts: Expression[] = [];
    let left = first;
    for (let op: Comparison | undefined = firstOp; op; op = this.#comparison()) {
      const right = this.#operand(0);
      parts.push({ kind: 'compare', quantifier, op, left, right, at: left.at, end: right.end });
      left = right;
    }
    return parts.length === 1 ? { ...parts[0]!, at } : { kind: 'and', parts, at, end: left.end };
  }

  #set(): { set: readonly SetMember[]; end: number } {
    this.#expect('{', 'a set such as {80, 443, 8000..8080}');
    const set: SetMember[] = [];
    do {
      const low = this.#operand(0);
      set.push({ low, high: this.#accept('..') ? this.#operand(0) : undefined });
    } while (this.#accept(','));
    return { set, end: this.#expect('}', '"," or "}"').end };
  }

  #operand(level: number): Operand {
    const operators = ARITHMETIC[level];
    if (!operators) return this.#sliced();
    let left = this.#operand(level + 1);
    for (let length = 0; ; length++) {
      const sign = this.#sign;
      if (sign === undefined || !Object.hasOwn(operators, sign)) return left;
      const { at, end } = this.#take();
      if (length > DEEPEST) throw new FilterFault({ at, end }, `this sum has more than ${DEEPEST} parts, which is not read.`);
      const right = this.#operand(level + 1);
      left = { kind: 'arithmetic', op: operators[sign]!, left, right, at: left.at, end: right.end };
    }
  }

  #sliced(): Operand {
    let operand = this.#atom();
    for (let slices = 0; this.#peek.kind === 'slice'; slices++) {
      const token = this.#take() as Extract<Token, { kind: 'slice' }>;
      if (slices === DEEPEST) throw new FilterFault(token, `a slice is not cut more than ${DEEPEST} times.`);
      operand = { kind: 'slice', of: operand, ranges: readRanges(token.text, token.at + 1), at: operand.at, end: token.end };
    }
    return operand;
  }

  #atom(): Operand {
    const token = this.#peek;
    const { at } = token;
    if (token.kind === 'string' || token.kind === 'character') {
      this.#take();
      return token;
    }
    if (this.#accept('-', '+')) {
      const of = this.#deeper(() => this.#sliced());
      return (token as Extract<Token, { kind: 'symbol' }>).text === '+' ? of : { kind: 'negate', of, at, end: of.end };
    }
    if (this.#accept('{')) {
      const inner = this.#deeper(() => this.#operand(0));
      const { end } = this.#expect('}', '"}" or an arithmetic operator');
      return { ...inner, at, end };
    }
    if (token.kind !== 'word' || KEYWORDS.has(token.text)) this.#unexpected('a field, a value or a function');
    this.#take();
    return this.#peek.at === token.end && this.#sign === '(' ? this.#call(token.text, token) : token;
  }

  #call(name: string, span: Span): Operand {
    this.#expect('(', '"("');
    const args: Operand[] = [];
    do args.push(this.#deeper(() => this.#operand(0)));
    while (this.#accept(','));
    const { end } = this.#expect(')', '"," or ")"');
    return { kind: 'call', name, args, at: span.at, end };
  }
}
