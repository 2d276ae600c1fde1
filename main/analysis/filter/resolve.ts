import { unreachable } from '../../wire/result.ts';
import { resolveCall } from './calls.ts';
import { FIELDS, fieldNamed } from './fields/vocabulary.ts';
import { FilterFault, type Span } from './filter-error.ts';
import { areComparable, isArithmetic, isOctets, KIND_NAMES } from './kinds.ts';
import { isLiteral, type Literal, readLiteral, textOf, type Wanted } from './literals.ts';
import { nearest } from './nearest.ts';
import { printOperand } from './print.ts';
import { PatternFault } from './regex/parse.ts';
import { Pattern } from './regex/pattern.ts';
import type { Expression, Operand } from './syntax.ts';
import type { Order, Term, Test } from './terms.ts';

/** Finds out what the words of a filter mean, and whether it compares what can be compared. Throws a `FilterFault`. */
export function resolve(expression: Expression): Test {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { kind: expression.kind, parts: expression.parts.map(resolve) };
    case 'not':
      return { kind: 'not', inner: resolve(expression.inner) };
    case 'alone':
      return alone(expression.operand);
    case 'compare':
      return compared(expression);
    case 'in':
      return member(expression);
    default:
      return unreachable(expression);
  }
}

function alone(operand: Operand): Test {
  if (!hasType(operand)) {
    if (operand.kind === 'word') throw unknownField(operand);
    throw new FilterFault(operand, 'a value alone asks nothing; expected a field, or a comparison.');
  }
  const term = termOf(operand);
  return term.kind === 'arithmetic' ? { kind: 'nonzero', term } : { kind: 'has', term };
}

type Compared = Extract<Expression, { kind: 'compare' }>;

/** Equality asks for some pair of values, inequality for all, unless it is said otherwise. */
function compared({ op, quantifier, left, right, at, end }: Compared): Test {
  if (op === 'matches') return matches(left, right, quantifier === 'all');
  if (op === 'contains') return contains(left, right, quantifier === 'all');
  const { first, second } = pair(left, right, `"${op}"`, { at, end });
  if (!areComparable(first.type, second.type))
    throw new FilterFault(
      right,
      `${nameOf(right)} (${KIND_NAMES[second.type]}) cannot be compared with ${nameOf(left)} (${KIND_NAMES[first.type]}).`,
    );
  const order: Order = op === '===' ? '==' : op === '!==' ? '!=' : op;
  const every = quantifier ? quantifier === 'all' : op === '===' || op === '!=';
  return { kind: 'compare', op: order, every, left: first, right: second };
}

function refuseLabel(term: Term, operand: Operand): void {
  if (term.type === 'label')
    throw new FilterFault(operand, `${nameOf(operand)} is a label: it is there or not, and has no value to compare.`);
}

/** Both sides of an operator; a value without a kind of its own takes that of the other side. */
function pair(left: Operand, right: Operand, op: string, span: Span): { readonly first: Term; readonly second: Term } {
  if (hasType(left)) {
    const first = termOf(left);
    refuseLabel(first, left);
    return { first, second: termOf(right, wantedOf(first, left)) };
  }
  if (!hasType(right)) {
    if (left.kind === 'word' && /^[A-Za-z_]/.test(left.text)) throw unknownField(left);
    throw new FilterFault(span, `neither side of ${op} is a field; expected one to compare with.`);
  }
  const second = termOf(right);
  refuseLabel(second, right);
  return { first: termOf(left, wantedOf(second, right)), second };
}

function contains(left: Operand, right: Operand, every: boolean): Test {
  if (!hasType(left)) throw left.kind === 'word' ? unknownField(left) : new FilterFault(left, 'expected a field before "contains".');
  const term = termOf(left);
  if (!isOctets(term.type) && term.type !== 'string')
    throw new FilterFault(left, `${nameOf(left)} (${KIND_NAMES[term.type]}) cannot contain anything; expected octets or text.`);
  const wanted: Wanted = { kind: term.type === 'string' ? 'string' : 'bytes', name: nameOf(left) };
  const found = termOf(right, wanted);
  if (isOctets(found.type) !== isOctets(term.type) && found.type !== term.type)
    throw new FilterFault(
      right,
      `${nameOf(right)} (${KIND_NAMES[found.type]}) cannot be contained in ${nameOf(left)} (${KIND_NAMES[term.type]}).`,
    );
  return { kind: 'contains', every, left: term, right: found };
}

function matches(left: Operand, right: Operand, every: boolean): Test {
  if (!hasType(left)) throw left.kind === 'word' ? unknownField(left) : new FilterFault(left, 'expected a field before "matches".');
  const term = termOf(left);
  if (!isOctets(term.type) && term.type !== 'string')
    throw new FilterFault(left, `${nameOf(left)} (${KIND_NAMES[term.type]}) cannot be matched; string(${nameOf(left)}) makes it text.`);
  if (right.kind !== 'string') throw new FilterFault(right, 'expected a regular expression in double quotes after "matches".');
  try {
    return { kind: 'matches', every, left: term, pattern: new Pattern(right.value) };
  } catch (fault) {
    if (fault instanceof PatternFault) throw new FilterFault(right, `regular expression, character ${fault.at + 1}: ${fault.message}.`);
    throw fault;
  }
}

function member({ left, set, negated, quantifier }: Extract<Expression, { kind: 'in' }>): Test {
  if (!hasType(left)) throw left.kind === 'word' ? unknownField(left) : new FilterFault(left, 'expected a field before "in".');
  const term = termOf(left);
  const wanted = wantedOf(term, left);
  const value = (operand: Operand): Term => {
    const found = termOf(operand, wanted);
    if (!areComparable(found.type, term.type))
      throw new FilterFault(
        operand,
        `${nameOf(operand)} (${KIND_NAMES[found.type]}) cannot be a member: ${nameOf(left)} is ${KIND_NAMES[term.type]}.`,
      );
    return found;
  };
  const members = set.map(({ low, high }) => ({ low: value(low), high: high && value(high) }));
  const test: Test = { kind: 'in', every: quantifier === 'all', left: term, members };
  return negated ? { kind: 'not', inner: test } : test;
}

/** It has a kind of its own: a field stands in it, or a function. */
export function hasType(operand: Operand): boolean {
  switch (operand.kind) {
    case 'word':
      return fieldNamed(operand.text) !== undefined;
    case 'string':
    case 'character':
      return false;
    case 'slice':
    case 'call':
      return true;
    case 'negate':
      return hasType(operand.of);
    case 'arithmetic':
      return hasType(operand.left) || hasType(operand.right);
  }
}

const NUMBER: Wanted = { kind: 'signed', name: 'a calculation' };

/** What an operand stands for; `wanted` is what a bare value is read as. */
export function termOf(operand: Operand, wanted: Wanted = NUMBER): Term {
  switch (operand.kind) {
    case 'word': {
      const field = fieldNamed(operand.text);
      return field ? { kind: 'field', field, type: field.kind } : constant(operand, wanted);
    }
    case 'string':
    case 'character':
      return constant(operand, wanted);
    case 'slice':
      return slice(operand);
    case 'call':
      return resolveCall(operand);
    case 'negate':
      return isLiteral(operand) && !hasType(operand) ? constant(operand, wanted) : negated(operand, wanted);
    case 'arithmetic':
      return arithmetic(operand, wanted);
  }
}

const constant = (literal: Literal, wanted: Wanted): Term => ({
  kind: 'constant',
  constant: readLiteral(literal, wanted),
  // What is compared with a protocol or an address byte by byte is octets.
  type: wanted.kind,
});

export const nameOf = (operand: Operand): string =>
  isLiteral(operand) && operand.kind !== 'string' ? textOf(operand) : printOperand(operand);

export function wantedOf(term: Term, operand: Operand): Wanted {
  const wanted = { kind: term.type, name: nameOf(operand) };
  return term.kind === 'field' ? { ...wanted, field: term.field } : wanted;
}

function slice({ of, ranges }: Extract<Operand, { kind: 'slice' }>): Term {
  if (!hasType(of)) throw of.kind === 'word' ? unknownField(of) : new FilterFault(of, 'only a field can be sliced.');
  const term = termOf(of);
  if (!isOctets(term.type) && term.type !== 'string' && term.type !== 'ipv4')
    throw new FilterFault(of, `${nameOf(of)} (${KIND_NAMES[term.type]}) cannot be sliced; expected octets, text or an address.`);
  return { kind: 'slice', of: term, ranges, type: term.type === 'string' ? 'string' : 'bytes' };
}

function negated(operand: Extract<Operand, { kind: 'negate' }>, wanted: Wanted): Term {
  const right = termOf(operand.of, wanted);
  requireArithmetic(right, operand.of, '-');
  const zero: Term = { kind: 'constant', constant: { value: 0 }, type: right.type };
  return { kind: 'arithmetic', op: '-', left: zero, right, type: right.type === 'duration' ? 'duration' : 'signed' };
}

function arithmetic(operand: Extract<Operand, { kind: 'arithmetic' }>, wanted: Wanted): Term {
  const { op } = operand;
  // Times are multiplied by numbers, not by times.
  const scales = op === '*' || op === '/';
  const leads = hasType(operand.left);
  const lead = leads || !hasType(operand.right) ? operand.left : operand.right;
  const first = termOf(lead, wanted);
  const other = lead === operand.left ? operand.right : operand.left;
  const second = termOf(other, scales && first.type === 'duration' ? NUMBER : calculatedWith(first, lead));
  const [left, right] = lead === operand.left ? [first, second] : [second, first];
  if (op === '&' && isOctets(left.type) && isOctets(right.type)) return { kind: 'arithmetic', op, left, right, type: 'bytes' };
  requireArithmetic(left, operand.left, op);
  requireArithmetic(right, operand.right, op);
  const times = [left, right].filter(({ type }) => type === 'duration').length;
  const fits =
    times === 0 ||
    (op === '+' || op === '-' || op === '%' ? times === 2 : scales && times === 1 && (op === '*' || left.type === 'duration'));
  if (!fits) throw new FilterFault(operand, `"${op}" does not go with ${KIND_NAMES[left.type]} and ${KIND_NAMES[right.type]}.`);
  return { kind: 'arithmetic', op, left, right, type: times > 0 ? 'duration' : 'signed' };
}

/** Beside a field of eight bits a calculation may have a larger number. */
const calculatedWith = (term: Term, operand: Operand): Wanted =>
  isOctets(term.type)
    ? { kind: 'bytes', name: nameOf(operand) }
    : { kind: term.type === 'duration' ? 'duration' : 'signed', name: nameOf(operand) };

function requireArithmetic(term: Term, operand: Operand, op: string): void {
  if (!isArithmetic(term.type) && !(op === '&' && term.type === 'boolean'))
    throw new FilterFault(
      operand,
      `${nameOf(operand)} (${KIND_NAMES[term.type]}) cannot stand beside "${op}"; expected a number${op === '&' ? ' or octets' : ''}.`,
    );
}

export function unknownField(word: Extract<Operand, { kind: 'word' }>): FilterFault {
  const close = nearest(
    word.text,
    FIELDS.map(({ name }) => name),
  );
  return new FilterFault(word, `"${word.text}" is neither a field nor a protocol.${close ? ` Did you mean ${close}?` : ''}`);
}
