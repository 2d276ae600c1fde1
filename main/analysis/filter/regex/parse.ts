import { ESCAPED, NAMED } from './classes.ts';
import { type Node, OctetSet } from './syntax.ts';

/** A pattern that cannot be used: why, and where in it. */
export class PatternFault extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const DEEPEST = 100;
const MOST_REPEATS = 1000;

interface Flags {
  readonly fold: boolean;
  readonly dotAll: boolean;
  readonly lines: boolean;
  readonly spaced: boolean;
}

/** PCRE's options as Wireshark sets them: letters match in both cases until `(?-i)`. */
const FLAGS: Flags = { fold: true, dotAll: false, lines: false, spaced: false };
const FLAG_LETTERS: Readonly<Record<string, keyof Flags>> = { i: 'fold', s: 'dotAll', m: 'lines', x: 'spaced' };

/**
 * Reads a pattern in PCRE's syntax, one octet for each character. What needs to go back (back references, looking around, atomic
 * groups) is refused: its cost on a packet made for it has no bound. Throws a `PatternFault`.
 */
export const parsePattern = (pattern: string): Node => new PatternParser(pattern).whole();

class PatternParser {
  readonly #text: string;
  #at = 0;
  #flags = FLAGS;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Node {
    const node = this.#either();
    if (this.#at < this.#text.length) throw new PatternFault(this.#at, 'this ")" closes nothing');
    return node;
  }

  get #c(): string | undefined {
    return this.#text[this.#at];
  }

  #accept(text: string): boolean {
    const found = this.#text.startsWith(text, this.#at);
    if (found) this.#at += text.length;
    return found;
  }

  #either(): Node {
    if (++this.#depth > DEEPEST) throw new PatternFault(this.#at, `groups are nested more than ${DEEPEST} deep`);
    const outer = this.#flags;
    const parts = [this.#sequence()];
    while (this.#accept('|')) parts.push(this.#sequence());
    this.#flags = outer; // what a group sets ends with it
    this.#depth--;
    return parts.length === 1 ? parts[0]! : { kind: 'either', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#c !== undefined && this.#c !== '|' && this.#c !== ')') {
      if (this.#flags.spaced && this.#passSpace()) continue;
      const atom = this.#atom();
      if (atom) parts.push(this.#repeated(atom));
    }
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  #passSpace(): boolean {
    const found = /^(?:\s+|#[^\n]*)/.exec(this.#text.slice(this.#at, this.#at + 200));
    if (found) this.#at += found[0].length;
    return found !== null;
  }

  #repeated(atom: Node): Node {
    const at = this.#at;
    const found = /^(?:[*+?]|\{(\d{1,5})(?:(,)(\d{0,5}))?\})/.exec(this.#text.slice(at, at + 16));
    if (!found) return atom;
    this.#at += found[0].length;
    // Lazy and possessive ones find a match in the same texts, but for what a possessive one never gives back.
    if (this.#accept('+')) throw new PatternFault(at, 'possessive repetition is not supported');
    this.#accept('?');
    const sign = found[0][0]!;
    const min = sign === '{' ? Number(found[1]) : sign === '+' ? 1 : 0;
    const max = sign === '{' ? (found[2] ? (found[3] ? Number(found[3]) : undefined) : min) : sign === '?' ? 1 : undefined;
    if (min > MOST_REPEATS || (max ?? 0) > MOST_REPEATS) throw new PatternFault(at, `nothing is repeated more than ${MOST_REPEATS} times`);
    if (max !== undefined && max < min) throw new PatternFault(at, 'the larger number of times comes first');
    if (/^(?:[*+?]|\{\d+,?\d*\})/.test(this.#text.slice(this.#at, this.#at + 16)))
      throw new PatternFault(this.#at, 'this repeats a repetition; put a group between');
    return { kind: 'repeat', inner: atom, min, max };
  }

  #set(octets: OctetSet): Node {
    return { kind: 'class', octets: this.#flags.fold ? octets.foldCase() : octets };
  }

  /** The next thing that matches something; undefined where it only sets an option. */
  #atom(): Node | undefined {
    const at = this.#at;
    const c = this.#text[this.#at++]!;
    switch (c) {
      case '.':
        return { kind: 'class', octets: this.#flags.dotAll ? new OctetSet().invert() : OctetSet.of(10).invert() };
      case '^':
        return { kind: 'assert', what: this.#flags.lines ? 'line-start' : 'start' };
      case '$':
        return { kind: 'assert', what: this.#flags.lines ? 'line-end' : 'end-or-newline' };
      case '[':
        return this.#set(this.#class(at));
      case '(':
        return this.#group(at);
      case '\\':
        return this.#escape(at);
      case '*':
      case '+':
      case '?':
        throw new PatternFault(at, `there is nothing for "${c}" to repeat`);
      default:
        return this.#set(OctetSet.of(c.charCodeAt(0)));
    }
  }

  #group(at: number): Node | undefined {
    if (this.#accept('?')) {
      const options = /^([imsx]*)(?:-([imsx]+))?([:)])/.exec(this.#text.slice(this.#at, this.#at + 20));
      if (options && options[0] !== ')') return this.#options(at, options);
      const name = /^(?:P?<[A-Za-z_]\w{0,31}>|'[A-Za-z_]\w{0,31}')/.exec(this.#text.slice(this.#at, this.#at + 40));
      if (name) this.#at += name[0].length;
      else
        throw new PatternFault(
          at,
          'this kind of group is not supported: looking around, atomic groups and recursion can cost without bound',
        );
    } else if (this.#c === '*') throw new PatternFault(at, 'verbs are not supported');
    return this.#closed(at);
  }

  #options(at: number, [all, on, off, end]: RegExpExecArray): Node | undefined {
    this.#at += all.length;
    const outer = this.#flags;
    for (const letter of on ?? '') this.#flags = { ...this.#flags, [FLAG_LETTERS[letter]!]: true };
    for (const letter of off ?? '') this.#flags = { ...this.#flags, [FLAG_LETTERS[letter]!]: false };
    if (end === ')') return undefined;
    const node = this.#closed(at);
    this.#flags = outer;
    return node;
  }

  #closed(at: number): Node {
    const node = this.#either();
    if (!this.#accept(')')) throw new PatternFault(at, 'this group is never closed: ")" is missing');
    return node;
  }

  #escape(at: number): Node {
    const c = this.#c;
    if (c === undefined) throw new PatternFault(at, 'a backslash cannot end a pattern');
    const assertion = ({ b: 'boundary', B: 'no-boundary', A: 'start', z: 'end', Z: 'end-or-newline', G: 'start' } as const)[c];
    if (assertion) {
      this.#at++;
      return { kind: 'assert', what: assertion };
    }
    if (this.#accept('Q')) return this.#quoted();
    if (Object.hasOwn(ESCAPED, c)) {
      this.#at++;
      return this.#set(ESCAPED[c]!());
    }
    return this.#set(OctetSet.of(this.#octet(at)));
  }

  /** `\Q…\E`: as it stands. */
  #quoted(): Node {
    const end = this.#text.indexOf('\\E', this.#at);
    const literal = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 2;
    return { kind: 'sequence', parts: Array.from(literal, (c) => this.#set(OctetSet.of(c.charCodeAt(0)))) };
  }

  /** One octet after a backslash that stands at `at`. */
  #octet(at: number): number {
    const rest = this.#text.slice(this.#at, this.#at + 12);
    const found =
      /^(?:x([0-9a-fA-F]{1,2})|x\{([0-9a-fA-F]{1,8})\}|(0[0-7]{0,2}|[1-3][0-7]{2})|o\{([0-7]{1,3})\}|c([@-_a-z])|([aefnrt])|([^A-Za-z0-9]))/.exec(
        rest,
      );
    if (!found)
      throw new PatternFault(
        at,
        /^[1-9gk]/.test(rest) ? 'back references are not supported: they can cost without bound' : `"\\${rest[0]}" is no escape`,
      );
    this.#at += found[0].length;
    const [, hex, braced, octal, bracedOctal, control, letter, itself] = found;
    const code = hex ?? braced;
    const value =
      code !== undefined
        ? Number.parseInt(code, 16)
        : (octal ?? bracedOctal) !== undefined
          ? Number.parseInt((octal ?? bracedOctal)!, 8)
          : control !== undefined
            ? control.toUpperCase().charCodeAt(0) ^ 0x40
            : letter !== undefined
              ? { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }[letter as 'a']
              : itself!.charCodeAt(0);
    if (value > 0xff) throw new PatternFault(at, 'patterns match octets: none is above \\xff');
    return value;
  }

  #class(at: number): OctetSet {
    const set = new OctetSet();
    const inverted = this.#accept('^');
    for (let first = true; ; first = false) {
      if (this.#c === undefined) throw new PatternFault(at, 'this "[" is never closed');
      if (!first && this.#accept(']')) break;
      this.#member(set);
    }
    if (this.#flags.fold) set.foldCase();
    return inverted ? set.invert() : set;
  }

  #member(set: OctetSet): void {
    const at = this.#at;
    const named = /^\[:(\^?)([a-z]+):\]/.exec(this.#text.slice(at, at + 16));
    if (named) {
      if (!Object.hasOwn(NAMED, named[2]!)) throw new PatternFault(at, `there is no class [:${named[2]}:]`);
      this.#at += named[0].length;
      const octets = NAMED[named[2]!]!();
      set.include(named[1] ? octets.invert() : octets);
      return;
    }
    const escaped = this.#c === '\\' ? this.#text[this.#at + 1] : undefined;
    if (escaped !== undefined && Object.hasOwn(ESCAPED, escaped)) {
      this.#at += 2;
      set.include(ESCAPED[escaped]!());
      return;
    }
    const low = this.#single();
    const isRange = this.#c === '-' && this.#text[this.#at + 1] !== ']' && this.#text[this.#at + 1] !== undefined;
    const next = this.#text.slice(this.#at + 1, this.#at + 3);
    if (!isRange || (next[0] === '\\' && Object.hasOwn(ESCAPED, next[1] ?? ''))) {
      set.add(low, low);
      return;
    }
    this.#at++;
    const high = this.#single();
    if (high < low) throw new PatternFault(at, 'this range goes backwards');
    set.add(low, high);
  }

  /** One octet within a class, where `\b` is a backspace. */
  #single(): number {
    const at = this.#at;
    const c = this.#text[this.#at++]!;
    if (c !== '\\') return c.charCodeAt(0);
    if (this.#c === undefined) throw new PatternFault(at, 'a backslash cannot end a pattern');
    return this.#accept('b') ? 8 : this.#octet(at);
  }
}
