import type { Field } from './fields/field.ts';
import type { Kind } from './kinds.ts';
import type { Constant } from './literals.ts';
import type { Pattern } from './regex/pattern.ts';
import type { ArithmeticOp, Comparison, Range } from './syntax.ts';

/** A filter whose words are resolved: each term knows its kind, and what is compared can be compared. */
export type Test =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Test[] }
  | { readonly kind: 'not'; readonly inner: Test }
  | { readonly kind: 'has'; readonly term: Term }
  | { readonly kind: 'nonzero'; readonly term: Term }
  /** Some pair of values must compare so, or, with `every`, all pairs. Where either side has no value it is false. */
  | { readonly kind: 'compare'; readonly op: Order; readonly every: boolean; readonly left: Term; readonly right: Term }
  | { readonly kind: 'contains'; readonly every: boolean; readonly left: Term; readonly right: Term }
  | { readonly kind: 'matches'; readonly every: boolean; readonly left: Term; readonly pattern: Pattern }
  | { readonly kind: 'in'; readonly every: boolean; readonly left: Term; readonly members: readonly Member[] };

export type Order = Exclude<Comparison, 'contains' | 'matches' | '===' | '!=='>;

export interface Member {
  readonly low: Term;
  readonly high: Term | undefined;
}

export type Term = { readonly type: Kind } & (
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'constant'; readonly constant: Constant }
  | { readonly kind: 'slice'; readonly of: Term; readonly ranges: readonly Range[] }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Term[] }
  | { readonly kind: 'arithmetic'; readonly op: ArithmeticOp; readonly left: Term; readonly right: Term }
);

export const FUNCTIONS = {
  len: 'octets of a string or of octets',
  count: 'how many values the field has in the frame',
  upper: 'text in upper case',
  lower: 'text in lower case',
  string: 'a value as text',
  max: 'the largest of its arguments',
  min: 'the smallest of its arguments',
  abs: 'a number without its sign',
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

/** The fields a term needs a value of. */
export function* fieldsOf(term: Term): Generator<Field> {
  switch (term.kind) {
    case 'field':
      yield term.field;
      return;
    case 'constant':
      return;
    case 'slice':
      yield* fieldsOf(term.of);
      return;
    case 'call':
      for (const arg of term.args) yield* fieldsOf(arg);
      return;
    case 'arithmetic':
      yield* fieldsOf(term.left);
      yield* fieldsOf(term.right);
  }
}

/** Every term of a test; `asValue` is false where only its being there is asked. */
export function* termsOf(test: Test): Generator<{ readonly term: Term; readonly asValue: boolean }> {
  switch (test.kind) {
    case 'and':
    case 'or':
      for (const part of test.parts) yield* termsOf(part);
      return;
    case 'not':
      yield* termsOf(test.inner);
      return;
    case 'has':
      yield { term: test.term, asValue: test.term.kind !== 'field' };
      return;
    case 'nonzero':
      yield { term: test.term, asValue: true };
      return;
    case 'in':
      yield { term: test.left, asValue: true };
      for (const { low, high } of test.members) for (const term of high ? [low, high] : [low]) yield { term, asValue: true };
      return;
    case 'matches':
      yield { term: test.left, asValue: true };
      return;
    case 'compare':
    case 'contains':
      yield { term: test.left, asValue: true };
      yield { term: test.right, asValue: true };
  }
}
