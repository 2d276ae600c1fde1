import { isWord } from './classes.ts';
import { PatternFault, parsePattern } from './parse.ts';
import type { Assertion, Node, OctetSet } from './syntax.ts';

/** Steps of a compiled pattern; more would make each octet of a packet cost too much. */
const LONGEST = 4000;
const MOST_UNFOLDED = 10 * LONGEST;

const tooLarge = () => new PatternFault(0, `the pattern is too large: its repetitions unfold to more than ${LONGEST} steps`);

type Step =
  | { readonly kind: 'octet'; readonly octets: OctetSet; readonly next: number }
  | { readonly kind: 'split'; readonly a: number; readonly b: number }
  | { readonly kind: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly kind: 'match' };

/**
 * A regular expression over octets whose cost is at most its own size times the length of what it looks through: all ways to match are
 * followed at once (Thompson's construction), so no text makes it go back and try again.
 */
export class Pattern {
  readonly #steps: Step[] = [];
  readonly #start: number;
  /** The steps reached before and after the octet at hand; each is there once. */
  #now: Reached;
  #then: Reached;
  readonly #stack: number[] = [];
  #unfolded = 0;
  /** By octet, whether a match can start with it; undefined where one can start without. */
  readonly #first: Uint8Array | undefined;
  /** It can match from the first octet only. */
  readonly #anchored: boolean;

  /** `pattern` has one octet in each character. Throws a `PatternFault`. */
  constructor(pattern: string) {
    const node = parsePattern(pattern);
    this.#start = this.#compile(node, this.#push({ kind: 'match' }));
    this.#now = new Reached(this.#steps.length);
    this.#then = new Reached(this.#steps.length);
    this.#first = this.#firstOctets();
    this.#anchored = !this.#startsLater();
  }

  /** Whether it matches anywhere in the octets. */
  test(octets: Uint8Array): boolean {
    this.#now.clear();
    const first = this.#first;
    for (let at = 0; ; at++) {
      if (first && this.#now.count === 0) {
        while (at < octets.length && first[octets[at]!] === 0) at++;
        if (at === octets.length) return false;
      }
      if (at === 0 || !this.#anchored) {
        if (this.#reach(this.#now, this.#start, octets, at)) return true;
      } else if (this.#now.count === 0) return false;
      if (at === octets.length) return false;
      this.#then.clear();
      const octet = octets[at]!;
      for (let i = 0; i < this.#now.count; i++) {
        const step = this.#steps[this.#now.list[i]!]!;
        if (step.kind === 'octet' && step.octets.has(octet) && this.#reach(this.#then, step.next, octets, at + 1)) return true;
      }
      [this.#now, this.#then] = [this.#then, this.#now];
    }
  }

  #firstOctets(): Uint8Array | undefined {
    const reached = new Reached(this.#steps.length);
    if (this.#reach(reached, this.#start, new Uint8Array(0), 0)) return undefined;
    const first = new Uint8Array(256);
    for (let i = 0; i < reached.count; i++) {
      const step = this.#steps[reached.list[i]!]!;
      if (step.kind === 'assert') return undefined;
      if (step.kind === 'octet') for (let octet = 0; octet < 256; octet++) if (step.octets.has(octet)) first[octet] = 1;
    }
    return first;
  }

  /** Some way leads to an octet or the end without asking for the start of the text. */
  #startsLater(): boolean {
    const seen = new Set<number>();
    const ways = [this.#start];
    for (let i = ways.pop(); i !== undefined; i = ways.pop()) {
      if (seen.has(i)) continue;
      seen.add(i);
      const step = this.#steps[i]!;
      if (step.kind === 'octet' || step.kind === 'match') return true;
      if (step.kind === 'split') ways.push(step.a, step.b);
      else if (step.what !== 'start') ways.push(step.next);
    }
    return false;
  }

  #push(step: Step): number {
    if (this.#steps.length === LONGEST) throw tooLarge();
    return this.#steps.push(step) - 1;
  }

  /** Steps that match `node` and go on at `next`; built from the end backwards. */
  #compile(node: Node, next: number): number {
    // Repetitions of nothing make no steps, and could be unfolded for ever.
    if (++this.#unfolded > MOST_UNFOLDED) throw tooLarge();
    switch (node.kind) {
      case 'class':
        return this.#push({ kind: 'octet', octets: node.octets, next });
      case 'assert':
        return this.#push({ kind: 'assert', what: node.what, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.#compile(part, after), next);
      case 'either':
        return node.parts.map((part) => this.#compile(part, next)).reduceRight((b, a) => this.#push({ kind: 'split', a, b }));
      case 'repeat':
        return this.#compileRepeat(node, next);
    }
  }

  #compileRepeat({ inner, min, max }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let at = next;
    if (max === undefined) {
      const split = this.#push({ kind: 'split', a: next, b: next });
      this.#steps[split] = { kind: 'split', a: this.#compile(inner, split), b: next };
      at = split;
    } else for (let i = min; i < max; i++) at = this.#push({ kind: 'split', a: this.#compile(inner, at), b: next });
    for (let i = 0; i < min; i++) at = this.#compile(inner, at);
    return at;
  }

  /** Adds all steps that follow from `from` without an octet; true when one of them is the match. */
  #reach(set: Reached, from: number, octets: Uint8Array, at: number): boolean {
    const stack = this.#stack;
    stack.length = 0;
    stack.push(from);
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      if (!set.add(i)) continue;
      const step = this.#steps[i]!;
      if (step.kind === 'match') return true;
      if (step.kind === 'split') stack.push(step.b, step.a);
      else if (step.kind === 'assert' && holds(step.what, octets, at)) stack.push(step.next);
    }
    return false;
  }
}

const NEWLINE = 10;

function holds(what: Assertion, octets: Uint8Array, at: number): boolean {
  const end = octets.length;
  switch (what) {
    case 'start':
      return at === 0;
    case 'end':
      return at === end;
    case 'end-or-newline':
      return at === end || (at === end - 1 && octets[at] === NEWLINE);
    case 'line-start':
      return at === 0 || (octets[at - 1] === NEWLINE && at < end);
    case 'line-end':
      return at === end || octets[at] === NEWLINE;
    case 'boundary':
    case 'no-boundary': {
      const differs = (at > 0 && isWord(octets[at - 1]!)) !== (at < end && isWord(octets[at]!));
      return differs === (what === 'boundary');
    }
  }
}

/** A set of steps that is emptied in no time. */
class Reached {
  count = 0;
  readonly list: Int32Array;
  readonly #place: Int32Array;

  constructor(size: number) {
    this.list = new Int32Array(size);
    this.#place = new Int32Array(size);
  }

  clear(): void {
    this.count = 0;
  }

  /** False when it is in there already. */
  add(step: number): boolean {
    const place = this.#place[step]!;
    if (place < this.count && this.list[place] === step) return false;
    this.#place[step] = this.count;
    this.list[this.count++] = step;
    return true;
  }
}
