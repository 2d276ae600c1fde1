import type { Field, Reader, Slot } from './fields/field.ts';
import { applyFunction } from './functions.ts';
import { isNumeric, octetsOf, type Value } from './kinds.ts';
import { extentOf } from './ranges.ts';
import type { Subject } from './subject.ts';
import type { ArithmeticOp, Range } from './syntax.ts';
import type { Term } from './terms.ts';
import { Values } from './values.ts';

/** `columns`: rows alone are at hand. `octets`: the capture is read again, and a row where the frame has one. */
export type Mode = 'columns' | 'octets';

/** Where a term's values come from, frame by frame. */
export interface Source {
  readonly list: (subject: Subject, out: Values) => void;
  /** All its values are numbers, and these read them. */
  readonly slots?: readonly Slot[];
  /** It is always this. */
  readonly constant?: Value;
}

export function sourceOf(term: Term, mode: Mode): Source {
  switch (term.kind) {
    case 'field':
      return fieldSource(term.field, mode);
    case 'constant':
      return constantSource(term);
    case 'slice':
      return sliceSource(sourceOf(term.of, mode), term.ranges);
    case 'call':
      return applyFunction(
        term,
        term.args.map((arg) => sourceOf(arg, mode)),
      );
    case 'arithmetic':
      return calculation(term, sourceOf(term.left, mode), sourceOf(term.right, mode));
  }
}

function fieldSource(field: Field, mode: Mode): Source {
  const reader = mode === 'octets' ? (field.frame ?? field.columns) : field.columns;
  if (!reader || 'has' in reader) return { list: () => undefined };
  return mode === 'octets' && !field.frame ? whereRow(reader) : fromReader(reader);
}

function fromReader(reader: Exclude<Reader, { has: unknown }>): Source {
  if ('list' in reader) return reader;
  return fromSlots(reader.slots);
}

/** What only the analysis knows is known of TCP segments alone. */
function whereRow(reader: Exclude<Reader, { has: unknown }>): Source {
  if ('list' in reader) {
    const { list } = reader;
    return { list: (s, out) => s.row >= 0 && list(s, out) };
  }
  return fromSlots(reader.slots.map((slot) => (s) => (s.row >= 0 ? slot(s) : Number.NaN)));
}

const fromSlots = (slots: readonly Slot[]): Source => ({
  slots,
  list: (s, out) => {
    for (const slot of slots) {
      const value = slot(s);
      if (!Number.isNaN(value)) out.add(value);
    }
  },
});

function constantSource({ constant: { value }, type }: Extract<Term, { kind: 'constant' }>): Source {
  const list = (_: Subject, out: Values) => out.add(value);
  return isNumeric(type) ? { list, constant: value, slots: [() => value as number] } : { list, constant: value };
}

const ADDRESS_OCTETS = 4;

function sliceSource(of: Source, ranges: readonly Range[]): Source {
  const values = new Values();
  return {
    list: (s, out) => {
      values.count = 0;
      of.list(s, values);
      for (let i = 0; i < values.count; i++) out.add(slice(values.items[i]!, ranges));
    },
  };
}

/** A range that reaches beyond the value ends the slice, which then is shorter, or empty. */
function slice(value: Value, ranges: readonly Range[]): string | Uint8Array {
  const whole = typeof value === 'number' ? addressOctets(value) : (value as string | Uint8Array);
  const parts: (string | Uint8Array)[] = [];
  for (const range of ranges) {
    const extent = extentOf(range, whole.length);
    if (!extent) break;
    parts.push(typeof whole === 'string' ? whole.slice(extent.from, extent.to) : whole.subarray(extent.from, extent.to));
  }
  if (parts.length === 1) return parts[0]!;
  return typeof whole === 'string' ? parts.join('') : Uint8Array.from((parts as Uint8Array[]).flatMap((part) => [...part]));
}

function addressOctets(address: number): Uint8Array {
  const octets = new Uint8Array(ADDRESS_OCTETS);
  new DataView(octets.buffer).setUint32(0, address);
  return octets;
}

/** A quotient by zero is no value. Numbers are divided as whole numbers; times are not. */
const NUMBERS: Readonly<Record<ArithmeticOp, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? Number.NaN : Math.trunc(a / b)),
  '%': (a, b) => (b === 0 ? Number.NaN : a % b),
  '&': (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : (a & b) >>> 0),
};

function calculation({ op, type }: Extract<Term, { kind: 'arithmetic' }>, left: Source, right: Source): Source {
  if (type === 'bytes') return eachPairOf(left, right, (a, b) => bitwise(octets(a), octets(b)));
  const calculate = NUMBERS[op];
  const { slots: a } = left;
  const { slots: b } = right;
  if (a && b) return fromSlots(a.flatMap((x) => b.map((y) => (s: Subject) => calculate(x(s), y(s)))));
  return eachPairOf(left, right, (x, y) => calculate(x as number, y as number));
}

const octets = (value: Value): Uint8Array => (value instanceof Uint8Array ? value : octetsOf(value as string));

const bitwise = (a: Uint8Array, b: Uint8Array): Uint8Array => a.subarray(0, Math.min(a.length, b.length)).map((octet, i) => octet & b[i]!);

function eachPairOf(left: Source, right: Source, calculate: (a: Value, b: Value) => Value): Source {
  const a = new Values();
  const b = new Values();
  return {
    list: (s, out) => {
      a.count = b.count = 0;
      left.list(s, a);
      right.list(s, b);
      for (let i = 0; i < a.count; i++)
        for (let j = 0; j < b.count; j++) {
          const value = calculate(a.items[i]!, b.items[j]!);
          if (typeof value !== 'number' || !Number.isNaN(value)) out.add(value);
        }
    },
  };
}
