import type { Slot } from './fields/field.ts';
import { compareValues, isOctets, octetsOf, type Value } from './kinds.ts';
import { contains } from './search.ts';
import { type Mode, type Source, sourceOf } from './sources.ts';
import type { Subject } from './subject.ts';
import { fieldsOf, type Order, type Term, type Test, termsOf } from './terms.ts';
import { Values } from './values.ts';

/** Whether a frame passes a filter. */
export type Predicate = (subject: Subject) => boolean;

/** The filter asks for something that stands only in the frames' octets. */
export function needsOctets(test: Test): boolean {
  for (const { term, asValue } of termsOf(test))
    for (const { columns } of fieldsOf(term)) if (!columns || (asValue && 'has' in columns)) return true;
  return false;
}

/** One closure for each part of the filter, over rows of the columns or over frames with their octets. */
export function compile(test: Test, mode: Mode): Predicate {
  switch (test.kind) {
    case 'and':
      return conjunction(test.parts.map((part) => compile(part, mode)));
    case 'or':
      return disjunction(test.parts.map((part) => compile(part, mode)));
    case 'not': {
      const inner = compile(test.inner, mode);
      return (s) => !inner(s);
    }
    case 'has':
      return presence(test.term, mode);
    case 'nonzero':
      return nonzero(sourceOf(test.term, mode));
    case 'compare':
      return comparison(test, mode);
    case 'contains':
      return eachPair(searched(test.left, mode), sourceOf(test.right, mode), test.every, contains);
    case 'matches': {
      const { pattern } = test;
      return eachValue(searched(test.left, mode), test.every, (value) =>
        pattern.test(value instanceof Uint8Array ? value : octetsOf(value as string)),
      );
    }
    case 'in':
      return membership(test, mode);
  }
}

function conjunction(parts: readonly Predicate[]): Predicate {
  const [a, b] = parts as [Predicate, Predicate];
  if (parts.length === 2) return (s) => a(s) && b(s);
  return (s) => {
    for (const part of parts) if (!part(s)) return false;
    return true;
  };
}

function disjunction(parts: readonly Predicate[]): Predicate {
  const [a, b] = parts as [Predicate, Predicate];
  if (parts.length === 2) return (s) => a(s) || b(s);
  return (s) => {
    for (const part of parts) if (part(s)) return true;
    return false;
  };
}

function presence(term: Term, mode: Mode): Predicate {
  const field = term.kind === 'field' ? term.field : undefined;
  const reader = field && (mode === 'octets' ? (field.frame ?? field.columns) : field.columns);
  if (reader && 'has' in reader) {
    const { has } = reader;
    return mode === 'octets' && !field?.frame ? (s) => s.row >= 0 && has(s) : has;
  }
  // A slice that reaches beyond its field is empty, and nothing is there.
  return eachValue(sourceOf(term, mode), false, term.kind === 'slice' ? (cut) => (cut as string | Uint8Array).length > 0 : () => true);
}

/** Where `contains` and `matches` look: of a protocol at its header and all that it carries, as in Wireshark. */
const searched = (term: Term, mode: Mode): Source =>
  term.kind === 'field' && term.field.carrying ? term.field.carrying : sourceOf(term, mode);

const nonzero = (source: Source): Predicate =>
  eachValue(source, false, (value) => (value instanceof Uint8Array ? value.some((octet) => octet !== 0) : value !== 0));

/** Some value passes, or all; none at all never does. */
function eachValue(source: Source, every: boolean, passes: (value: Value) => boolean): Predicate {
  const values = new Values();
  return (s) => {
    values.count = 0;
    source.list(s, values);
    for (let i = 0; i < values.count; i++) if (passes(values.items[i]!) !== every) return !every;
    return every && values.count > 0;
  };
}

function eachPair(left: Source, right: Source, every: boolean, passes: (a: Value, b: Value) => boolean): Predicate {
  const a = new Values();
  const b = new Values();
  return (s) => {
    a.count = b.count = 0;
    left.list(s, a);
    if (a.count === 0) return false;
    right.list(s, b);
    for (let i = 0; i < a.count; i++) for (let j = 0; j < b.count; j++) if (passes(a.items[i]!, b.items[j]!) !== every) return !every;
    return every && b.count > 0;
  };
}

const PASSES: Readonly<Record<Order, (difference: number) => boolean>> = {
  '==': (d) => d === 0,
  '!=': (d) => d !== 0,
  '<': (d) => d < 0,
  '<=': (d) => d <= 0,
  '>': (d) => d > 0,
  '>=': (d) => d >= 0,
};

function comparison({ op, every, left, right }: Extract<Test, { kind: 'compare' }>, mode: Mode): Predicate {
  const passes = PASSES[op];
  const network = networkOf(left) ?? networkOf(right);
  const [a, b] = [sourceOf(left, mode), sourceOf(right, mode)];
  if (network) {
    const mask = maskOf(network);
    return eachPair(a, b, every, (x, y) => passes(compareValues(mask(x), mask(y))));
  }
  const constant = b.constant;
  if (typeof constant === 'number' && a.slots) return numeric(a.slots, op, constant, every);
  return eachPair(a, b, every, (x, y) => passes(compareValues(x, y)));
}

const ORDERS: Readonly<Record<Order, (slot: Slot, constant: number) => Predicate>> = {
  '==': (slot, constant) => (s) => slot(s) === constant,
  // What is not there is not unequal either.
  '!=': (slot, constant) => (s) => {
    const value = slot(s);
    return value < constant || value > constant;
  },
  '<': (slot, constant) => (s) => slot(s) < constant,
  '<=': (slot, constant) => (s) => slot(s) <= constant,
  '>': (slot, constant) => (s) => slot(s) > constant,
  '>=': (slot, constant) => (s) => slot(s) >= constant,
};

/** The fast way: numbers that are read one by one and never gathered. */
function numeric(slots: readonly Slot[], op: Order, constant: number, every: boolean): Predicate {
  const tests = slots.map((slot) => ORDERS[op](slot, constant));
  if (tests.length === 1) return tests[0]!;
  if (!every) return disjunction(tests);
  return (s) => {
    let there = false;
    for (let i = 0; i < slots.length; i++) {
      if (Number.isNaN(slots[i]!(s))) continue;
      there = true;
      if (!tests[i]!(s)) return false;
    }
    return there;
  };
}

function membership({ left, members, every }: Extract<Test, { kind: 'in' }>, mode: Mode): Predicate {
  const tests = members.map(({ low, high }) => within(low, high, mode));
  const source = sourceOf(left, mode);
  const values = new Values();
  return (s) => {
    values.count = 0;
    source.list(s, values);
    for (let i = 0; i < values.count; i++) {
      const value = values.items[i]!;
      if (tests.some((test) => test(s, value)) !== every) return !every;
    }
    return every && values.count > 0;
  };
}

/** Whether a value is a member, or lies between two. */
function within(low: Term, high: Term | undefined, mode: Mode): (s: Subject, value: Value) => boolean {
  const network = networkOf(low);
  const mask = network ? maskOf(network) : (value: Value) => value;
  const from = sourceOf(low, mode);
  const to = high && sourceOf(high, mode);
  const found = new Values();
  const some = (s: Subject, source: Source, passes: (bound: Value) => boolean): boolean => {
    found.count = 0;
    source.list(s, found);
    for (let i = 0; i < found.count; i++) if (passes(found.items[i]!)) return true;
    return false;
  };
  if (!to) return (s, value) => some(s, from, (bound) => compareValues(mask(value), mask(bound)) === 0);
  return (s, value) =>
    some(s, from, (bound) => compareValues(value, bound) >= 0) && some(s, to, (bound) => compareValues(value, bound) <= 0);
}

interface Network {
  readonly prefix: number;
  readonly ipv6: boolean;
}

const networkOf = (term: Term): Network | undefined =>
  term.kind === 'constant' && term.constant.prefix !== undefined ? { prefix: term.constant.prefix, ipv6: isOctets(term.type) } : undefined;

/** Keeps the leading bits of an address. */
function maskOf({ prefix, ipv6 }: Network): (value: Value) => Value {
  if (!ipv6) {
    const mask = prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
    return (value) => ((value as number) & mask) >>> 0;
  }
  return (value) =>
    (value as Uint8Array).map((octet, i) => octet & (prefix >= 8 * (i + 1) ? 0xff : prefix <= 8 * i ? 0 : 0xff << (8 * (i + 1) - prefix)));
}
