import { FIELDS, fieldNamed } from './fields/vocabulary.ts';
import { isField } from './filter.ts';
import { FilterFault } from './filter-error.ts';
import { isOctets, KIND_NAMES, type Kind } from './kinds.ts';
import { FUNCTIONS } from './terms.ts';
import { type Token, tokenize } from './token.ts';

/** One way a filter may go on. */
export interface Completion {
  readonly text: string;
  readonly kind: 'field' | 'operator' | 'value' | 'function';
  /** The type of a field, and what it says. */
  readonly about: string;
}

/** What may stand at the cursor, and the word there that it replaces. */
export interface Completions {
  readonly from: number;
  readonly to: number;
  readonly items: readonly Completion[];
}

/** A list for eyes: more than this nobody reads. */
const MOST = 40;

/** How the word at `cursor` may go on: by what stands before it, a field, an operator or a value. */
export function complete(text: string, cursor: number): Completions {
  const before = tokensBefore(text, cursor);
  if (!before) return { from: cursor, to: cursor, items: [] };
  const last = before.at(-1);
  const typing = last?.kind === 'word' && last.end === cursor ? last : undefined;
  const [from, word] = typing ? [typing.at, typing.text] : [cursor, ''];
  const behind = typing ? before.slice(0, -1) : before;
  const rest = /^[\w.]*/.exec(text.slice(cursor))![0];
  return { from, to: cursor + rest.length, items: suggestions(behind, word).slice(0, MOST) };
}

/** Undefined where the text breaks off within a string or a slice: there is nothing to offer. */
function tokensBefore(text: string, cursor: number): readonly Token[] | undefined {
  try {
    return tokenize(text.slice(0, cursor), isField).slice(0, -1);
  } catch (fault) {
    if (fault instanceof FilterFault) return undefined;
    throw fault;
  }
}

const COMPARISONS = new Set(['==', '!=', '===', '!==', '<', '<=', '>', '>=', '~=', 'eq', 'ne', 'lt', 'le', 'gt', 'ge']);
const JOINTS = new Set(['&&', '||', '!', '(', 'and', 'or', 'not', 'any', 'all']);

function suggestions(behind: readonly Token[], word: string): readonly Completion[] {
  const sign = signOf(behind.at(-1));
  if (behind.length === 0 || (sign !== undefined && JOINTS.has(sign))) return starting([...fields(), ...functions()], word);
  const compared = comparedField(behind);
  if (compared !== undefined) return starting(values(compared), word);
  if (sign !== undefined && isField(sign)) return starting(operators(fieldNamed(sign)!.kind), word);
  return starting(CONJUNCTIONS, word);
}

const signOf = (token: Token | undefined): string | undefined =>
  token?.kind === 'word' || token?.kind === 'symbol' ? token.text : undefined;

/** The field whose value is to come: it stands before a comparison, or before the set that is open. */
function comparedField(behind: readonly Token[]): string | undefined {
  const signs = behind.map(signOf);
  const open = signs.lastIndexOf('{');
  if (open > signs.lastIndexOf('}') && signs[open - 1] === 'in' && ['{', ',', '..'].includes(signs.at(-1) ?? ''))
    return signs[open - 2] === 'not' ? signs[open - 3] : signs[open - 2];
  return COMPARISONS.has(signs.at(-1) ?? '') ? signs.at(-2) : undefined;
}

const fields = (): readonly Completion[] =>
  FIELDS.map(({ name, kind, title }): Completion => ({ text: name, kind: 'field', about: `${KIND_NAMES[kind]}: ${title}` }));

const functions = (): readonly Completion[] =>
  Object.entries(FUNCTIONS).map(([name, about]): Completion => ({ text: `${name}(`, kind: 'function', about }));

function values(name: string): readonly Completion[] {
  const field = fieldNamed(name);
  const named = field?.values ?? (field?.kind === 'boolean' ? ['1', '0'] : []);
  return named.map((text): Completion => ({ text, kind: 'value', about: field?.title ?? '' }));
}

const operator = (text: string, about: string): Completion => ({ text, kind: 'operator', about });

const ORDERED = [
  operator('==', 'equal: any of its values'),
  operator('!=', 'not equal: none of its values'),
  operator('<', 'less'),
  operator('<=', 'at most'),
  operator('>', 'more'),
  operator('>=', 'at least'),
  operator('in {', 'one of a set, such as {80, 8000..8080}'),
  operator('not in {', 'none of a set'),
];
const SEARCHES = [operator('contains', 'holds these octets or this text'), operator('matches', 'a regular expression, both cases')];
const CONJUNCTIONS = [operator('&&', 'and'), operator('||', 'or')];

function operators(kind: Kind): readonly Completion[] {
  if (kind === 'label') return CONJUNCTIONS;
  return isOctets(kind) || kind === 'string' ? [...SEARCHES, ...ORDERED, ...CONJUNCTIONS] : [...ORDERED, ...CONJUNCTIONS];
}

/** Those that begin so, then those in which a part does; a word that is complete needs no help. */
function starting(all: readonly Completion[], word: string): readonly Completion[] {
  const lower = word.toLowerCase();
  if (lower === '') return all;
  const begins = all.filter(({ text }) => text.toLowerCase().startsWith(lower));
  const within = all.filter(({ text }) => !text.toLowerCase().startsWith(lower) && text.toLowerCase().includes(`.${lower}`));
  const found = [...begins, ...within];
  return found.length === 1 && found[0]!.text === word ? [] : found;
}
