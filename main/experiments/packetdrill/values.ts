import type { CallAction, Expression } from './script.ts';
import { SYMBOLS } from './symbols.ts';
import { Miss } from './verdict.ts';

/** Joins two unions of bits without JavaScript's sign: EPOLLET is the highest of 32. */
export const union = (a: number, b: number): number => (a | b) >>> 0;

/** The number an expression stands for: digits, a known word, or several of them joined by `|`. */
export function numberIn(expression: Expression, what: string): number {
  switch (expression.kind) {
    case 'integer':
      return expression.value;
    case 'or':
      return union(numberIn(expression.left, what), numberIn(expression.right, what));
    case 'word': {
      const value = Object.hasOwn(SYMBOLS, expression.text) ? SYMBOLS[expression.text] : undefined;
      if (value !== undefined) return value;
      throw new Miss('unsupported', `${what}: \`${expression.text}\` is no number known here`).at(expression);
    }
    default:
      throw new Miss('mistake', `${what} is a number, not ${KINDS[expression.kind]}`).at(expression);
  }
}

const KINDS: Readonly<Record<Expression['kind'], string>> = {
  ellipsis: '`...`',
  integer: 'a number',
  word: 'a word',
  string: 'a string',
  or: 'words joined by `|`',
  assign: 'an assignment',
  list: 'a list',
  struct: 'a structure',
  apply: 'a function',
};

/** The arguments of one system call, asked for by place. */
export class Arguments {
  private readonly call: CallAction;

  constructor(call: CallAction, least: number, most = least) {
    this.call = call;
    const { length } = call.args;
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    if (length < least || length > most) throw new Miss('mistake', `${call.name} takes ${wanted} arguments, not ${length}`).at(call);
  }

  at(index: number): Expression {
    return this.call.args[index]!;
  }

  number(index: number, what: string): number {
    return numberIn(this.at(index), `${what} of ${this.call.name}`);
  }

  word(index: number, what: string): string {
    const expression = this.at(index);
    if (expression.kind !== 'word')
      throw new Miss('mistake', `${what} of ${this.call.name} is a word, not ${KINDS[expression.kind]}`).at(expression);
    return expression.text;
  }

  isEllipsis(index: number): boolean {
    return this.at(index).kind === 'ellipsis';
  }

  /** NULL where a buffer should be. */
  isNull(index: number): boolean {
    const expression = this.at(index);
    return expression.kind === 'word' && expression.text === 'NULL';
  }

  list(index: number, what: string): readonly Expression[] {
    return listIn(this.at(index), `${what} of ${this.call.name}`);
  }
}

export function listIn(expression: Expression, what: string): readonly Expression[] {
  if (expression.kind !== 'list') throw new Miss('mistake', `${what} is a list in [ ], not ${KINDS[expression.kind]}`).at(expression);
  return expression.items;
}

/** A structure's field by name; undefined when it is not written. */
export function fieldOf(expression: Expression, name: string, what: string): Expression | undefined {
  if (expression.kind !== 'struct')
    throw new Miss('mistake', `${what} is a structure in { }, not ${KINDS[expression.kind]}`).at(expression);
  return expression.fields.find((field) => field.name === name)?.value;
}

export function numberField(expression: Expression, name: string, what: string): number {
  const field = fieldOf(expression, name, what);
  if (!field) throw new Miss('mistake', `${what} has no field ${name}`).at(expression);
  return numberIn(field, `${name} of ${what}`);
}
