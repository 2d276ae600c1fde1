import type { Field } from './fields/field.ts';
import { FIELDS } from './fields/vocabulary.ts';
import { valueText } from './functions.ts';
import type { Value } from './kinds.ts';
import { sourceOf } from './sources.ts';
import type { Subject } from './subject.ts';
import { Values } from './values.ts';

/** A field that a frame has, with one of its values. */
export interface PresentField {
  readonly name: string;
  readonly title: string;
  /** Shortened where it is long; empty for a label. */
  readonly value: string;
  /** The filter that this value passes; absent where a filter would have to be too long. */
  readonly filter?: string;
}

/** Octets of a value that are shown. */
const MOST_OCTETS = 24;

/** Every field of the filter language that the frame at hand has, in the order of the vocabulary. */
export const dissect = (subject: Subject): PresentField[] => FIELDS.flatMap((field) => present(field, subject));

function present(field: Field, subject: Subject): PresentField[] {
  const { name, title, kind } = field;
  const reader = field.frame ?? field.columns!;
  if ('has' in reader) {
    const isKnown = field.frame !== undefined || subject.row >= 0;
    return isKnown && reader.has(subject) ? [{ name, title, value: '', filter: name }] : [];
  }
  const values = new Values();
  sourceOf({ kind: 'field', field, type: kind }, 'octets').list(subject, values);
  // What a protocol holds is its fields; here it is only named.
  if (kind === 'protocol') return values.count > 0 ? [{ name, title, value: '', filter: name }] : [];
  return values.items.slice(0, values.count).map((value) => ({ name, title, ...written(field, value) }));
}

function written({ name, kind }: Field, value: Value): { readonly value: string; readonly filter?: string } {
  if (value instanceof Uint8Array && value.length > MOST_OCTETS) return { value: `${valueText(value.subarray(0, MOST_OCTETS), kind)}…` };
  const text = kind === 'boolean' ? String(value) : valueText(value, kind);
  return { value: text, filter: `${name} == ${kind === 'moment' ? `"${text}"` : text}` };
}
