import { Places } from './places.ts';
import type { Code, Place } from './script.ts';
import { Miss } from './verdict.ts';

export type Value = number | string | boolean;

/**
 * The little of Python that packetdrill scripts assert with: assert, print, assignment, arithmetic, comparison (chained,
 * as Python does it), bit operations, and, or, not, and % on strings. Names live on from one piece of code to the next.
 */
export class Python {
  private readonly names: Map<string, Value>;
  private tokens: readonly string[] = [];
  private at = 0;
  private depth = 0;

  constructor(constants: Readonly<Record<string, number>>) {
    this.names = new Map(Object.entries(constants));
  }

  /** Runs one piece; `facts` are names that are set before, such as tcpi_snd_cwnd. A `Miss` is about the statement it comes from. */
  run(code: Code, facts: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(facts)) this.names.set(name, value);
    for (const { text, place } of statementsOf(code))
      try {
        this.statement(text);
      } catch (miss) {
        throw miss instanceof Miss ? miss.at(place) : miss;
      }
  }

  private statement(text: string): void {
    this.tokens = tokensOf(text);
    this.at = 0;
    const [first, second, third] = this.tokens;
    if (first === undefined) return;
    if (first === 'assert') {
      this.at = 1;
      this.assert(text);
    } else if (first === 'import') return;
    else if (/^[A-Za-z_]/.test(first) && second === '=' && third !== undefined) {
      this.at = 2;
      this.names.set(first, this.or());
    } else if (/^[A-Za-z_]/.test(first) && third === '=' && /^[-+*|&]$/.test(second ?? '')) {
      this.at = 3;
      this.names.set(first, arithmetic(second!, this.name(first), this.or()));
    } else this.or();
    if (this.at < this.tokens.length) this.refuse(text);
  }

  private assert(text: string): void {
    const holds = this.or();
    let because: Value | undefined;
    if (this.take(',')) because = this.or();
    if (this.at < this.tokens.length) this.refuse(text);
    if (truth(holds)) return;
    const condition = text.replace(/^assert\s*/, '').replace(/\s*,[^,]*$/, '');
    throw new Miss(
      'content',
      `the assertion does not hold: ${condition}`,
      condition,
      because === undefined ? this.seen(condition) : `${this.seen(condition) || because}`,
    );
  }

  /** The names of a condition with what they are. */
  private seen(condition: string): string {
    const names = new Set(condition.match(/[A-Za-z_]\w*/g) ?? []);
    return [...names]
      .filter((name) => this.names.has(name))
      .map((name) => `${name} = ${this.names.get(name)}`)
      .join(', ');
  }

  private name(name: string): Value {
    const value = this.names.get(name);
    if (value === undefined) throw new Miss('unsupported', `there is no name ${name} here`);
    return value;
  }

  private take(...marks: readonly string[]): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || !marks.includes(token)) return undefined;
    this.at++;
    return token;
  }

  private refuse(text: string): never {
    throw new Miss('unsupported', `this Python is not understood here (assert, print, =, arithmetic and comparison are): ${text}`);
  }

  private or(): Value {
    if (++this.depth > 50) throw new Miss('unsupported', 'Python nested more than 50 deep');
    let left = this.and();
    while (this.take('or')) {
      const right = this.and();
      left = truth(left) ? left : right;
    }
    this.depth--;
    return left;
  }

  private and(): Value {
    let left = this.not();
    while (this.take('and')) {
      const right = this.not();
      left = truth(left) ? right : left;
    }
    return left;
  }

  private not(): Value {
    let turned = false;
    let count = 0;
    while (this.take('not')) {
      turned = !turned;
      count++;
    }
    const value = this.comparison();
    return count > 0 ? truth(value) !== turned : value;
  }

  /** `5000 <= tcpi_rtt <= 20000` means both. */
  private comparison(): Value {
    let left = this.binary(0);
    let all: boolean | undefined;
    for (let how = this.take('==', '!=', '<=', '>=', '<', '>'); how; how = this.take('==', '!=', '<=', '>=', '<', '>')) {
      const right = this.binary(0);
      all = (all ?? true) && compare(how, left, right);
      left = right;
    }
    return all ?? left;
  }

  private binary(level: number): Value {
    const marks = LEVELS[level];
    if (!marks) return this.unary();
    let left = this.binary(level + 1);
    for (let mark = this.take(...marks); mark; mark = this.take(...marks)) left = arithmetic(mark, left, this.binary(level + 1));
    return left;
  }

  private unary(): Value {
    const mark = this.take('-', '+', '~');
    if (!mark) return this.atom();
    const value = Number(this.nested(() => this.unary()));
    return mark === '-' ? -value : mark === '~' ? ~value : value;
  }

  private nested(read: () => Value): Value {
    if (++this.depth > 50) throw new Miss('unsupported', 'Python nested more than 50 deep');
    const value = read();
    this.depth--;
    return value;
  }

  private atom(): Value {
    const token = this.tokens[this.at++];
    if (token === undefined) return this.refuse(this.tokens.join(' '));
    if (token === '(') return this.closing();
    if (/^\d/.test(token)) return Number(token);
    if (/^['"]/.test(token)) return token.slice(1, -1);
    if (token === 'True' || token === 'False') return token === 'True';
    if (!/^[A-Za-z_]/.test(token)) return this.refuse(this.tokens.join(' '));
    if (!this.take('(')) return this.name(token);
    return this.apply(token);
  }

  private closing(): Value {
    const value = this.or();
    if (!this.take(')')) this.refuse(this.tokens.join(' '));
    return value;
  }

  private apply(name: string): Value {
    const args: Value[] = [];
    while (!this.take(')')) {
      args.push(this.or());
      if (!this.take(',') && this.tokens[this.at] !== ')') this.refuse(this.tokens.join(' '));
    }
    switch (name) {
      case 'print':
        return 0;
      case 'abs':
        return Math.abs(Number(args[0]));
      case 'int':
        return Math.trunc(Number(args[0]));
      case 'min':
        return Math.min(...args.map(Number));
      case 'max':
        return Math.max(...args.map(Number));
      case 'str':
        return String(args[0]);
      default:
        throw new Miss('unsupported', `there is no function ${name} here; there are print, abs, int, min, max, str`);
    }
  }
}

/** From loose to tight. */
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '//', '/', '%']];

const truth = (value: Value): boolean => Boolean(value);

function compare(how: string, left: Value, right: Value): boolean {
  switch (how) {
    case '==':
      return left === right || Number(left) === Number(right);
    case '!=':
      return !compare('==', left, right);
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

function arithmetic(mark: string, left: Value, right: Value): Value {
  if (typeof left === 'string')
    return mark === '%' ? left.replace(/%[-\d.]*[a-z]/g, String(right)) : mark === '+' ? left + String(right) : left;
  const [a, b] = [Number(left), Number(right)];
  switch (mark) {
    case '|':
      return Number(BigInt(a) | BigInt(b));
    case '&':
      return Number(BigInt(a) & BigInt(b));
    case '^':
      return Number(BigInt(a) ^ BigInt(b));
    case '<<':
      return a * 2 ** b;
    case '>>':
      return Math.floor(a / 2 ** b);
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    default:
      return a - b * Math.floor(a / b);
  }
}

/** What stands on a line, or between two `;`, comments left out; a backslash at the end joins the next line. */
function statementsOf({ text, line, column }: Code): { readonly text: string; readonly place: Place }[] {
  const statements: { readonly text: string; readonly place: Place }[] = [];
  const places = new Places(text);
  let begins = 0;
  const joined = text.replaceAll(/\\\r?\n/g, (join) => ' '.repeat(join.length)); // as long as it was, so that places stay
  for (const logical of joined.split('\n')) {
    let from = begins;
    for (const part of logical.replace(/#.*$/, '').split(';')) {
      const place = places.of(from + part.length - part.trimStart().length);
      const isFirst = place.line === 1; // behind `%{`
      const inScript = { line: line + place.line - 1, column: isFirst ? column + 1 + place.column : place.column };
      if (part.trim() !== '') statements.push({ text: part.trim(), place: inScript });
      from += part.length + 1;
    }
    begins += logical.length + 1;
  }
  return statements;
}

const TOKEN = /\s*(?:(\d+\.\d+|0x[0-9a-fA-F]+|\d+)|('[^']*'|"[^"]*")|([A-Za-z_]\w*)|(==|!=|<=|>=|<<|>>|\/\/|[-+*/%|&^~<>=(),]))/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (!found) throw new Miss('unsupported', `this Python is not understood here: ${text}`);
    tokens.push(found[1] ?? found[2] ?? found[3] ?? found[4]!);
    if (tokens.length > 1000) throw new Miss('unsupported', 'a line of Python has more than 1000 words');
  }
  return tokens;
}
