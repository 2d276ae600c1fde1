import { err, ok, type Result } from '../../wire/result.ts';
import { compile, needsOctets, type Predicate } from './compile.ts';
import { fieldNamed } from './fields/vocabulary.ts';
import { type FilterError, FilterFault } from './filter-error.ts';
import { parse } from './parse.ts';
import { resolve } from './resolve.ts';
import type { Mode } from './sources.ts';
import type { Test } from './terms.ts';

/** Where a word ends is asked before anything is parsed. */
export const isField = (word: string): boolean => fieldNamed(word) !== undefined;

/** A display filter that can be used. */
export interface Filter {
  readonly text: string;
  /** It asks for what stands only in the frames' octets: the capture must be read again. */
  readonly needsOctets: boolean;
  /** Closures of its own for whoever asks: they keep what they gather between frames. */
  predicate(mode: Mode): Predicate;
}

const EVERYTHING: Test = { kind: 'and', parts: [] };

/**
 * Reads a display filter in Wireshark's syntax (4.0), over Wireshark's fields and ours. An empty one lets everything pass. Whatever the
 * text, the answer is a filter or one error that says where it is wrong, and what was expected there.
 */
export function readFilter(text: string): Result<Filter, FilterError> {
  try {
    const expression = parse(text, isField);
    const test = expression ? resolve(expression) : EVERYTHING;
    return ok({ text, needsOctets: needsOctets(test), predicate: (mode) => compile(test, mode) });
  } catch (fault) {
    if (fault instanceof FilterFault) return err({ at: fault.span.at, end: fault.span.end, message: fault.message });
    throw fault;
  }
}
