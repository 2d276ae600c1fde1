import type { Expression, Operand, Range, SetMember } from './syntax.ts';

/** A filter as text that reads back as the same filter: one spelling of every operator, and no more brackets than needed. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'or':
      return expression.parts.map((part) => (part.kind === 'or' ? `(${print(part)})` : print(part))).join(' || ');
    case 'and':
      return expression.parts.map((part) => (part.kind === 'or' || part.kind === 'and' ? `(${print(part)})` : print(part))).join(' && ');
    case 'not': {
      const { inner } = expression;
      const bare = inner.kind === 'not' || (inner.kind === 'alone' && inner.operand.kind === 'word');
      return `!${bare ? print(inner) : `(${print(inner)})`}`;
    }
    case 'alone':
      return printOperand(expression.operand);
    case 'compare': {
      const { quantifier, left, op, right } = expression;
      return `${quantifier ? `${quantifier} ` : ''}${printOperand(left)} ${op} ${printOperand(right)}`;
    }
    case 'in': {
      const { quantifier, left, negated, set } = expression;
      return `${quantifier ? `${quantifier} ` : ''}${printOperand(left)} ${negated ? 'not ' : ''}in {${set.map(printMember).join(', ')}}`;
    }
  }
}

const printMember = ({ low, high }: SetMember): string => (high ? `${printOperand(low)} .. ${printOperand(high)}` : printOperand(low));

export function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'word':
      return operand.text;
    case 'string':
      return `"${Array.from(operand.value, (c) => escaped(c, '"')).join('')}"`;
    case 'character':
      return `'${escaped(String.fromCharCode(operand.code), "'")}'`;
    case 'slice':
      return `${grouped(operand.of)}[${operand.ranges.map(printRange).join(',')}]`;
    case 'call':
      return `${operand.name}(${operand.args.map(printOperand).join(', ')})`;
    case 'negate':
      return `-${grouped(operand.of)}`;
    case 'arithmetic':
      return `${grouped(operand.left)} ${operand.op} ${grouped(operand.right)}`;
  }
}

const grouped = (operand: Operand): string =>
  operand.kind === 'arithmetic' || operand.kind === 'negate' ? `{${printOperand(operand)}}` : printOperand(operand);

function escaped(c: string, quote: string): string {
  if (c === quote || c === '\\') return `\\${c}`;
  return c >= ' ' && c <= '~' ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function printRange({ start, length, last }: Range): string {
  if (last !== undefined) return `${start}-${last}`;
  return length === undefined ? `${start}:` : `${start}:${length}`;
}
