import { FilterFault, type Span } from './filter-error.ts';
import { characterCode, isSpace, isWordStart, readString, wordEnd } from './lexical.ts';

export type Token = Span &
  (
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'character'; readonly code: number }
    /** What stands between `[` and `]`. */
    | { readonly kind: 'slice'; readonly text: string }
    | { readonly kind: 'symbol'; readonly text: string }
    | { readonly kind: 'end' }
  );

/** Longest first, so that `===` is not `==` and `=`. */
const SYMBOLS = ['!==', '===', '==', '!=', '~=', '<=', '>=', '&&', '||', '..', ...'<>~!&+-*/%(){},'];

/** Cuts a filter into words, strings and symbols. `isField` tells where `-` and `/` end a word: `tcp.len-1`, but `CLOSE-WAIT`. */
export function tokenize(text: string, isField: (word: string) => boolean): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    while (at < text.length && isSpace(text[at]!)) at++;
    if (at >= text.length) {
      tokens.push({ kind: 'end', at: text.length, end: text.length });
      return tokens;
    }
    const token = tokenAt(text, at, isField);
    tokens.push(token);
    at = token.end;
  }
}

function tokenAt(text: string, at: number, isField: (word: string) => boolean): Token {
  const first = text[at]!;
  const raw = (first === 'r' || first === 'R') && text[at + 1] === '"';
  if (first === '"' || raw) return { kind: 'string', at, ...readString(text, at, raw) };
  if (first === "'") return { kind: 'character', at, ...characterCode(text, at) };
  if (first === '[') {
    const close = text.indexOf(']', at);
    if (close < 0) throw new FilterFault({ at, end: at + 1 }, '"[" opens a slice that "]" never closes.');
    return { kind: 'slice', text: text.slice(at + 1, close), at, end: close + 1 };
  }
  if (isWordStart(text, at)) {
    const end = wordEnd(text, at, isField);
    return { kind: 'word', text: text.slice(at, end), at, end };
  }
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
  if (symbol) return { kind: 'symbol', text: symbol, at, end: at + symbol.length };
  const whole = String.fromCodePoint(text.codePointAt(at)!);
  const hint =
    first === '='
      ? ' Equality is written "==".'
      : first === '|'
        ? ' "Or" is written "||".'
        : first === '#'
          ? ' Layers of a protocol cannot be chosen here.'
          : first === '$'
            ? ' References to a selected packet cannot be used here.'
            : '';
  throw new FilterFault({ at, end: at + whole.length }, `"${whole}" has no meaning in a filter.${hint}`);
}
