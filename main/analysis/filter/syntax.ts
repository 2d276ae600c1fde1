import type { Span } from './filter-error.ts';

/** A filter as it is written, before anybody asks what its words mean. */
export type Expression =
  | (Span & { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] })
  | (Span & { readonly kind: 'not'; readonly inner: Expression })
  /** Alone, an operand asks whether it is there; arithmetic, whether it is something but zero. */
  | (Span & { readonly kind: 'alone'; readonly operand: Operand })
  | (Span & {
      readonly kind: 'compare';
      readonly quantifier: Quantifier | undefined;
      readonly op: Comparison;
      readonly left: Operand;
      readonly right: Operand;
    })
  | (Span & {
      readonly kind: 'in';
      readonly quantifier: Quantifier | undefined;
      readonly negated: boolean;
      readonly left: Operand;
      readonly set: readonly SetMember[];
    });

export type Quantifier = 'any' | 'all';

/** Each by its symbol; `===` and `!==` are "all equal" and "any not equal". */
export type Comparison = '==' | '!=' | '===' | '!==' | '<' | '<=' | '>' | '>=' | 'contains' | 'matches';

export interface SetMember {
  readonly low: Operand;
  /** Absent for a single value. */
  readonly high: Operand | undefined;
}

export type Operand =
  /** A field, or a value that needs no quotes. */
  | (Span & { readonly kind: 'word'; readonly text: string })
  /** Octets, one for each character. */
  | (Span & { readonly kind: 'string'; readonly value: string })
  | (Span & { readonly kind: 'character'; readonly code: number })
  | (Span & { readonly kind: 'slice'; readonly of: Operand; readonly ranges: readonly Range[] })
  | (Span & { readonly kind: 'call'; readonly name: string; readonly args: readonly Operand[] })
  | (Span & { readonly kind: 'negate'; readonly of: Operand })
  | (Span & { readonly kind: 'arithmetic'; readonly op: ArithmeticOp; readonly left: Operand; readonly right: Operand });

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '&';

/** Octets of a slice: from `start` (negative: from the end), `length` many; undefined goes to the end. */
export interface Range {
  readonly start: number;
  readonly length: number | undefined;
  /** For `[i-j]`: the last octet, included; `length` is undefined then. */
  readonly last?: number;
}
