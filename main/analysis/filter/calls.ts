import { FilterFault } from './filter-error.ts';
import { areComparable, isArithmetic, isOctets, KIND_NAMES, type Kind } from './kinds.ts';
import { nearest } from './nearest.ts';
import { hasType, nameOf, termOf, unknownField, wantedOf } from './resolve.ts';
import type { Operand } from './syntax.ts';
import { FUNCTIONS, type FunctionName, type Term } from './terms.ts';

type Call = Extract<Operand, { kind: 'call' }>;

const isFunction = (name: string): name is FunctionName => Object.hasOwn(FUNCTIONS, name);

/** A function and what it is given. Throws a `FilterFault`. */
export function resolveCall(call: Call): Term {
  const { name, args } = call;
  const span = { at: call.at, end: call.at + name.length };
  if (!isFunction(name)) {
    const close = nearest(name, Object.keys(FUNCTIONS));
    throw new FilterFault(
      span,
      `there is no function "${name}"; ${close ? `did you mean ${close}?` : `there are ${Object.keys(FUNCTIONS).join(', ')}.`}`,
    );
  }
  const [first, ...more] = args as [Operand, ...Operand[]];
  if (name === 'max' || name === 'min') return extreme(name, args);
  if (more.length > 0) throw new FilterFault(more[0]!, `${name}() takes one argument.`);
  if (!hasType(first)) throw first.kind === 'word' ? unknownField(first) : new FilterFault(first, `${name}() takes a field.`);
  const term = termOf(first);
  const accepted = ACCEPTED[name];
  if (!accepted.of(term)) throw new FilterFault(first, `${name}() takes ${accepted.named}; ${nameOf(first)} is ${KIND_NAMES[term.type]}.`);
  return { kind: 'call', name, args: [term], type: accepted.gives ?? term.type };
}

interface Accepted {
  readonly of: (term: Term) => boolean;
  readonly named: string;
  /** Without it, the kind of its argument. */
  readonly gives?: Kind;
}

const isText = ({ type }: Term): boolean => type === 'string';
const UNPRINTED: ReadonlySet<Kind> = new Set(['string', 'label', 'protocol', 'bytes']);

const ACCEPTED: Readonly<Record<Exclude<FunctionName, 'max' | 'min'>, Accepted>> = {
  len: { of: ({ type }) => type === 'string' || isOctets(type), named: 'octets or text', gives: 'signed' },
  count: { of: ({ kind, type }) => kind === 'field' && type !== 'label', named: 'a field with values', gives: 'signed' },
  upper: { of: isText, named: 'text' },
  lower: { of: isText, named: 'text' },
  string: { of: ({ type }) => !UNPRINTED.has(type), named: 'a number, a time or an address', gives: 'string' },
  abs: { of: ({ type }) => isArithmetic(type), named: 'a number or a time in seconds' },
};

function extreme(name: 'max' | 'min', args: readonly Operand[]): Term {
  const lead = args.find(hasType);
  if (!lead) throw new FilterFault(args[0]!, `${name}() takes at least one field.`);
  const model = termOf(lead);
  const { kind, name: called } = wantedOf(model, lead);
  const terms = args.map((arg) => {
    const term = termOf(arg, { kind: kind === 'unsigned' || kind === 'frame' ? 'signed' : kind, name: called });
    if (!isArithmetic(term.type) || !areComparable(term.type, model.type))
      throw new FilterFault(arg, `${name}() takes numbers of one kind; ${nameOf(arg)} is ${KIND_NAMES[term.type]}.`);
    return term;
  });
  return { kind: 'call', name, args: terms, type: model.type === 'duration' ? 'duration' : 'signed' };
}
